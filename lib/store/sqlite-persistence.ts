import { Worker } from 'node:worker_threads';
import { entryPoint } from '../base/entry-points.ts';
import { assert, assertNever, messageOf, WorldError } from '../base/errors.ts';
import { packBatches, unpack } from './packed-writes.ts';
import type { Persistence, Snapshot } from './persistence.ts';
import type { Entry } from './store.ts';
import { errorOf } from './store-failure.ts';
import type { StoreAnswer, StoreRequest, StoreWorkerData } from './store-worker-messages.ts';

/** Of the thread's heap. */
const YOUNG_MIB = 2;

type Waiting = { readonly resolve: () => void; readonly reject: (reason: unknown) => void };

/** Opens the file in a worker and loads it. UserError STORE_TOO_NEW, STORE_CORRUPT, STORE_FOREIGN, STORE_IN_USE; WorldError STORE_UNWRITABLE. */
export async function openSqlitePersistence(
  data: StoreWorkerData,
): Promise<{ readonly snapshot: Snapshot; readonly persistence: Persistence }> {
  const { file, args } = entryPoint('store-worker');
  // What a transaction leaves behind is small and soon gone: sixteen times as much space would only be filled.
  const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_MIB };
  const worker = new Worker(file, { workerData: data, argv: [...args.slice(1)], resourceLimits });
  const entries: Entry[] = [];
  let revision = 0;
  let waiting: Waiting | null = null;
  let dead: WorldError | null = null;

  const settle = (failure?: unknown): void => {
    const settled = waiting;
    waiting = null;
    if (failure === undefined) settled?.resolve();
    else settled?.reject(failure);
  };
  const ask = (request: StoreRequest | null, handedOver: readonly ArrayBuffer[] = []): Promise<void> => {
    if (dead !== null) return Promise.reject(dead);
    assert(waiting === null, 'one request to the store thread at a time');
    return new Promise((resolve, reject) => {
      waiting = { resolve, reject };
      if (request !== null) worker.postMessage(request, handedOver);
    });
  };
  worker.on('message', (answer: StoreAnswer) => {
    switch (answer.type) {
      case 'entries':
        for (const { key, revision: at, value } of unpack(answer.entries))
          if (value !== null) entries.push({ key, revision: at, value });
        return;
      case 'opened':
        revision = answer.revision;
        return settle();
      case 'open-failed':
      case 'commit-failed':
        return settle(errorOf(answer.failure));
      case 'committed':
      case 'closed':
        return settle();
      default:
        return assertNever(answer);
    }
  });
  const onEnd = (why: string): void => {
    dead ??= new WorldError('STORE_UNWRITABLE', `the store's thread has ended: ${why}`);
    settle(dead);
  };
  worker.on('error', (failure) => onEnd(messageOf(failure)));
  worker.on('exit', (code) => onEnd(`exit code ${code}`));

  await ask(null);
  // The file sorts by bytes, memory by code units.
  entries.sort((a, b) => (a.key < b.key ? -1 : 1));
  return {
    snapshot: { revision, entries },
    persistence: {
      commit(batches) {
        const writes = packBatches(batches);
        return ask({ type: 'commit', writes, revision: batches.at(-1)?.revision ?? 0 }, [
          writes.bytes.buffer,
        ]);
      },
      async close() {
        if (dead === null) await ask({ type: 'close' });
      },
    },
  };
}
