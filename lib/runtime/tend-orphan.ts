import type { EpochMs } from '../base/clock.ts';
import { timings } from '../base/limits.ts';
import type { RuntimeEdge } from './runtime-edge.ts';

/** Ends what is left of a pod that the API has no more. `null`: nothing is; else when to look again. */
export type OrphanTender = () => Promise<EpochMs | null>;

/** SIGTERM, a little grace, then the sandbox is removed with all that is in it. */
export function orphanTender(podUid: string, { view, driver, clock }: RuntimeEdge): OrphanTender {
  let signalledAtMs: EpochMs | null = null;
  return async () => {
    const { sandbox, containers } = await view.read(podUid);
    if (sandbox === null && containers.length === 0) return null;
    const running = containers.filter(({ state }) => state.phase === 'running');
    if (running.length > 0) {
      if (signalledAtMs === null) {
        for (const { id } of running) await driver.signal(id, 'SIGTERM');
        signalledAtMs = clock.now();
      }
      const dueMs = signalledAtMs + timings.orphanGraceMs;
      if (clock.now() < dueMs) return dueMs;
    }
    await driver.removeSandbox(podUid);
    return null;
  };
}
