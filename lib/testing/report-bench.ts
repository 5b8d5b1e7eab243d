import type { PlanInput } from '../plan/decide-plan.ts';
import type { KubeObject } from '../schema/object.ts';
import { refKey } from '../schema/object.ts';
import { buildReport, type ReportInput, type StatusReport } from '../status/report.ts';
import { PlanBench } from './plan-bench.ts';

/** A plan bench that also reports, as a pass of the daemon would: every object as healthy as its status says. */
export class ReportBench extends PlanBench {
  /** The report of a commit that has just been applied. */
  reportOf(
    files: Readonly<Record<string, string>> | null,
    overrides: Partial<ReportInput> = {},
    planned: Partial<PlanInput> = {},
  ): StatusReport {
    const { plan, standingHolds } = this.plan(files, planned);
    return buildReport({
      source: { name: 'main', location: '/srv/shop.git', branch: 'main', path: 'deploy' },
      now: Date.UTC(2026, 0, 5),
      head: plan.revision,
      headSubject: 'Change the greeting',
      revision: plan.revision,
      plan,
      holds: standingHolds,
      inventory: this.inventory,
      live: (ref) => this.live.get(refKey(ref)) ?? null,
      context: {
        now: 0,
        podsOf: () => [],
        readyEndpoints: () => 1,
        runs: () => true,
      },
      events: [],
      ...overrides,
    });
  }

  /** Changes a live object as a controller would. */
  change(key: string, change: (object: KubeObject) => KubeObject): void {
    this.put(change(this.object(key)));
  }
}
