import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { assert, assertNever } from '../base/errors.ts';
import { packEntries, unpack } from './packed-writes.ts';
import { openSqliteFile, type SqliteFile } from './sqlite-file.ts';
import { storeFailure } from './store-failure.ts';
import type { StoreAnswer, StoreRequest, StoreWorkerData } from './store-worker-messages.ts';

/** The store's own thread: SQLite blocks here, and nowhere else. */
function serve(port: MessagePort, { path, fileBytesMax }: StoreWorkerData): void {
  const answer = (message: StoreAnswer): void => port.postMessage(message);
  let file: SqliteFile;
  try {
    file = openSqliteFile({ path, fileBytesMax });
    for (const chunk of file.entries()) {
      const entries = packEntries(chunk);
      port.postMessage({ type: 'entries', entries } satisfies StoreAnswer, [entries.bytes.buffer]);
    }
    answer({ type: 'opened', revision: file.revision() });
  } catch (thrown) {
    answer({ type: 'open-failed', failure: storeFailure(thrown, path) });
    port.close();
    return;
  }
  port.on('message', (request: StoreRequest) => {
    switch (request.type) {
      case 'commit':
        try {
          file.commit(unpack(request.writes), request.revision);
          answer({ type: 'committed' });
        } catch (thrown) {
          answer({ type: 'commit-failed', failure: storeFailure(thrown, path) });
        }
        // Given back now: this thread collects its garbage so seldom that a first apply would be held for good.
        request.writes.bytes.buffer.transfer(0);
        return;
      case 'close':
        file.close();
        answer({ type: 'closed' });
        port.close();
        return;
      default:
        assertNever(request);
    }
  });
}

assert(parentPort !== null, 'the store worker runs in a worker thread');
serve(parentPort, workerData as StoreWorkerData);
