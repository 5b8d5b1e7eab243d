import type { Clock, Timer } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';

/**
 * Looks after a connection that is held open: a word now and then shows whether the client is still there (one that is neither read nor
 * written would never be missed), and one without a byte of progress for too long is ended. Cancel it when the connection is over.
 */
export function tendConnection(
  clock: Clock,
  connection: { readonly progressBytes: number; ping(): void; destroy(): void },
): Timer {
  let seen = { bytes: connection.progressBytes, atMs: clock.now() };
  let timer: Timer;
  const look = (): void => {
    const bytes = connection.progressBytes;
    if (bytes !== seen.bytes) seen = { bytes, atMs: clock.now() };
    if (clock.now() - seen.atMs >= timings.streamIdleMs) {
      connection.destroy();
      return;
    }
    connection.ping();
    arm();
  };
  const arm = (): void => {
    timer = clock.setTimer(timings.streamPingMs, look);
  };
  arm();
  return { cancel: () => timer.cancel() };
}
