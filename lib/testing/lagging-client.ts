import type { Client, Watch, WatchEvent, WatchListener, WatchOptions } from '../api/client.ts';
import type { Clock, DurationMs, EpochMs } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { KindRef, KubeObject } from '../schema/object.ts';

/**
 * The same API, whose watches tell late: each kind by its own, ever changing delay, in order. Reads and writes are as ever, so what
 * is decided on from a watch may long be past.
 */
export function laggingClient(
  client: Client,
  options: { readonly clock: Clock; readonly random: Random; readonly lagMaxMs: DurationMs },
): Client {
  const { clock, random, lagMaxMs } = options;
  return {
    ...client,
    watch<T extends KubeObject>(
      kind: KindRef,
      from: WatchOptions,
      listener: WatchListener<T>,
      caller: Parameters<Client['watch']>[3],
    ): Watch {
      let lastAtMs: EpochMs = 0;
      let closed = false;
      const late = (tell: () => void): void => {
        lastAtMs = Math.max(lastAtMs, clock.now() + Math.floor(random.next() * lagMaxMs));
        clock.setTimer(lastAtMs - clock.now(), () => {
          if (!closed) tell();
        });
      };
      const watch = client.watch<T>(
        kind,
        from,
        {
          onEvents: (events: readonly WatchEvent<T>[]) => late(() => listener.onEvents(events)),
          onExpired: () => late(() => listener.onExpired()),
        },
        caller,
      );
      return {
        close() {
          closed = true;
          watch.close();
        },
      };
    },
  };
}
