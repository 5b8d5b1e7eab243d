import type { ExecutionContext } from 'ava';
import type { PodDriver } from '../runtime/driver.ts';
import { ended, logText, sandboxSpec, scriptContainer } from './open-process-driver.ts';
import { until } from './until.ts';

const TICKS = 'while :; do echo tick; sleep 0.02; done';

/** A pod that is held still does nothing while another goes on, for this driver and the next, until it is let go; then it ends as any. */
export async function freezesPods(
  t: ExecutionContext,
  { driver, another }: { readonly driver: PodDriver; another(): PodDriver },
): Promise<void> {
  const [still, clock] = ['still', 'clock'].map((podUid) => scriptContainer(podUid, TICKS));
  if (still === undefined || clock === undefined) throw new Error('two containers');
  for (const spec of [still, clock]) {
    await driver.createSandbox(sandboxSpec(spec.podUid));
    await driver.startContainer(spec);
  }
  const ticks = async (by: PodDriver, id: string): Promise<number> => (await logText(by, id)).length;
  const goesOn = async (by: PodDriver, id: string, what: string): Promise<void> => {
    const before = await ticks(by, id);
    await until(async () => (await ticks(by, id)) > before + 20, { what });
  };
  const isStill = async (by: PodDriver): Promise<void> => {
    const before = await ticks(by, still.id);
    await goesOn(by, clock.id, 'the other pod goes on');
    t.is(await ticks(by, still.id), before);
  };
  await goesOn(driver, still.id, 'the pod runs');
  await driver.setFrozen?.('still', true);
  await driver.setFrozen?.('still', true);
  await isStill(driver);
  await driver.close();
  const next = another();
  t.teardown(() => next.close());
  await next.open();
  await isStill(next);
  await next.setFrozen?.('still', false);
  await goesOn(next, still.id, 'the pod goes on when it is let go');
  await next.setFrozen?.('still', true);
  await next.setFrozen?.('still', false);
  await next.signal(still.id, 'SIGKILL');
  t.like(await ended(next, still.id), { phase: 'exited', exitCode: 137 });
}
