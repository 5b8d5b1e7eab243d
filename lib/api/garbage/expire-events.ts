import type { Clock, EpochMs, Timer } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { limits, timings } from '../../base/limits.ts';
import type { Log } from '../../base/log.ts';
import { refOf } from '../../schema/object.ts';
import { isApiError } from '../api-error.ts';
import type { Caller, Client } from '../client.ts';
import { informer } from '../informer.ts';
import { decideExpiry, expiresAt, timesOnly } from './event-expiry.ts';

/** Deletes Events an hour after they last happened, until stopped. */
export function startEventExpiry(
  client: Client,
  options: { readonly clock: Clock; readonly log: Log; readonly caller: Caller },
): { readonly synced: Promise<void>; stop(): void; idle(): boolean } {
  const { clock, log, caller } = options;
  let timer: Timer | null = null;
  let timerAt: EpochMs | null = null;
  let running = false;
  let stopped = false;

  const wakeAt = (at: EpochMs): void => {
    if (stopped || running || (timerAt !== null && timerAt <= at)) return;
    timer?.cancel();
    timerAt = at;
    timer = clock.setTimer(Math.max(0, at - clock.now()), () => {
      timerAt = null;
      void expire();
    });
  };
  const events = informer(client, { group: '', kind: 'Event' }, caller, {
    keep: timesOnly,
    onChange: ({ after }) => {
      if (after !== undefined) wakeAt(expiresAt(after));
    },
  });
  const expire = async (): Promise<void> => {
    running = true;
    const { expired, nextAt } = decideExpiry(events.objects.values(), clock.now());
    let wake = nextAt;
    try {
      for (const event of expired.slice(0, limits.garbageBatchObjects)) {
        await client.delete(refOf(event), {}, caller).catch((failure: unknown) => {
          if (!isApiError(failure, 'NotFound')) throw failure;
        });
      }
      if (expired.length > limits.garbageBatchObjects) wake = clock.now();
    } catch (failure) {
      log.warn('event-expiry-failed', { error: messageOf(failure) });
      wake = clock.now() + timings.garbageRetryMs;
    }
    running = false;
    if (wake !== null) wakeAt(wake);
  };
  return {
    synced: events.synced,
    stop() {
      stopped = true;
      timer?.cancel();
      events.stop();
    },
    idle: () => !running,
  };
}
