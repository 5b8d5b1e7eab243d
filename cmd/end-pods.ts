import { type Clock, pause } from '../lib/base/clock.ts';
import { messageOf } from '../lib/base/errors.ts';
import { timings } from '../lib/base/limits.ts';
import type { Log } from '../lib/base/log.ts';
import type { PodDriver } from '../lib/runtime/driver.ts';

/** Ends every pod: SIGTERM to all at once, what is left after the grace is killed with the agent. */
export async function endPods({
  driver,
  clock,
  log,
}: {
  readonly driver: PodDriver;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<void> {
  await driver.open();
  const running = async () => (await driver.list()).filter(({ state }) => state.phase === 'running');
  const signal = async (id: string): Promise<void> => {
    try {
      await driver.signal(id, 'SIGTERM');
    } catch (thrown) {
      log.debug('signal-failed', { id, message: messageOf(thrown) });
    }
  };
  await Promise.all((await running()).map(({ id }) => signal(id)));
  const deadlineMs = clock.now() + timings.downGraceMs;
  while (clock.now() < deadlineMs && (await running()).length > 0) await pause(clock, timings.downPollMs);
  await driver.shutDown();
}
