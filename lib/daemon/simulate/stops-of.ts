import type { DurationMs } from '../../base/clock.ts';
import { type ObjectRef, refText, sameRef } from '../../schema/object.ts';
import type { HealthState } from '../../status/health-state.ts';
import type { StatusReport } from '../../status/report.ts';
import type { RolloutStep } from './rollout-step.ts';

/** Where a rollout does not go on, and why. */
export type RolloutStop = {
  readonly object: ObjectRef;
  readonly atMs: DurationMs;
  /** Of a wait, of its health, or why it is blocked. */
  readonly reason: string;
  readonly message: string;
  readonly takenBack: boolean;
};

const WELL: ReadonlySet<HealthState> = new Set(['Healthy', 'Suspended']);
/** Blocks that are somebody's wish, or stood before. */
const WISHED: ReadonlySet<string> = new Set([
  'reconcile-disabled',
  'held-after-failure',
  'healing-backed-off',
]);

/** Why the rollout that made these steps has not come to a good end: in the order of the objects, one an object. */
export function stopsOf(
  report: StatusReport,
  {
    steps,
    isTouched,
  }: { readonly steps: readonly RolloutStep[]; readonly isTouched: (ref: ObjectRef) => boolean },
): readonly RolloutStop[] {
  const touched = new Set(
    steps.flatMap((step) =>
      step.kind === 'applied' ? step.changes.map((text) => text.slice(text.indexOf(' ') + 1)) : [],
    ),
  );
  return report.objects.flatMap((object): readonly RolloutStop[] => {
    const { ref, health } = object;
    const own = steps.filter(({ workload }) => workload !== null && sameRef(workload, ref));
    const failed = own.findLast((step) => step.kind === 'failed');
    const wait = own.findLast((step) => step.kind === 'waits');
    if (failed?.kind === 'failed') {
      const { atMs, evidence, takenBack } = failed;
      const why = wait?.kind === 'waits' ? { reason: wait.reason, message: wait.message } : null;
      return [
        {
          object: ref,
          atMs: wait?.atMs ?? atMs,
          ...(why ?? { reason: 'Failed', message: evidence }),
          takenBack,
        },
      ];
    }
    if (object.sync === 'Blocked' && !WISHED.has(object.syncReason))
      return [
        { object: ref, atMs: 0, reason: object.syncReason, message: object.syncDetail, takenBack: false },
      ];
    const concerned = touched.has(refText(ref)) || (isTouched(ref) && own.length > 0);
    if (!concerned || WELL.has(health.state) || ref.kind === 'HorizontalPodAutoscaler') return [];
    if (wait?.kind === 'waits')
      return [{ object: ref, atMs: wait.atMs, reason: wait.reason, message: wait.message, takenBack: false }];
    const { reason, message } = health;
    return [{ object: ref, atMs: own.at(-1)?.atMs ?? 0, reason, message, takenBack: false }];
  });
}
