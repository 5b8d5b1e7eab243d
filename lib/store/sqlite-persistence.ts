import { Worker } from 'node:worker_threads';
import { entryPoint } from '../base/entry-points.ts';
import { assert, assertNever, messageOf, WorldError } from '../base/errors.ts';
import type { Batch, Persistence, Snapshot } from './persistence.ts';
import type { Entry, Write } from './store.ts';
import { errorOf } from './store-failure.ts';
import type { StoreAnswer, StoreRequest, StoreWorkerData } from './store-worker-messages.ts';

type Waiting = { readonly resolve: () => void; readonly reject: (reason: unknown) => void };

/** Opens the file in a worker and loads it. UserError STORE_TOO_NEW, STORE_CORRUPT, STORE_FOREIGN, STORE_IN_USE; WorldError STORE_UNWRITABLE. */
export async function openSqlitePersistence(
  data: StoreWorkerData,
): Promise<{ readonly snapshot: Snapshot; readonly persistence: Persistence }> {
  const { file, args } = entryPoint('store-worker');
  const worker = new Worker(file, { workerData: data, argv: [...args.slice(1)] });
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
  const ask = (request: StoreRequest | null): Promise<void> => {
    if (dead !== null) return Promise.reject(dead);
    assert(waiting === null, 'one request to the store thread at a time');
    return new Promise((resolve, reject) => {
      waiting = { resolve, reject };
      if (request !== null) worker.postMessage(request);
    });
  };
  worker.on('message', (answer: StoreAnswer) => {
    switch (answer.type) {
      case 'entries':
        for (const entry of answer.entries) entries.push(entry);
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
      commit: (batches) => ask({ type: 'commit', batches: batches.map(ofOwnBuffers) }),
      async close() {
        if (dead === null) await ask({ type: 'close' });
      },
    },
  };
}

/** A view of a larger buffer would take all of that buffer to the other thread. */
function ofOwnBuffers({ revision, writes }: Batch): Batch {
  return { revision, writes: writes.map(ofOwnBuffer) };
}

function ofOwnBuffer({ key, value }: Write): Write {
  return {
    key,
    value: value === null || value.byteLength === value.buffer.byteLength ? value : value.slice(),
  };
}
