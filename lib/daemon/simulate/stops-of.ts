import type { DurationMs } from '../../base/clock.ts';
import { type ObjectRef, refText, sameRef } from '../../schema/object.ts';
import type { HealthState } from '../../status/health-state.ts';
import type { ObjectStatus, StatusReport } from '../../status/report.ts';
import type { RolloutRecorder } from './rollout-recorder.ts';
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

export type StoppedRollout = {
  readonly steps: readonly RolloutStep[];
  readonly touched: ReadonlySet<string>;
  readonly recorder: Pick<RolloutRecorder, 'lastWord'>;
};

/** Why the rollout that made these steps has not come to a good end: in the order of the objects, one an object. */
export function stopsOf(
  report: Pick<StatusReport, 'objects'>,
  rollout: StoppedRollout,
): readonly RolloutStop[] {
  return report.objects.flatMap((object) => stopOf(object, rollout) ?? []);
}

function stopOf(
  { ref, health, sync, syncReason, syncDetail }: ObjectStatus,
  { steps, touched, recorder }: StoppedRollout,
): RolloutStop | null {
  const own = steps.filter(({ workload }) => workload !== null && sameRef(workload, ref));
  const failed = own.findLast((step) => step.kind === 'failed');
  // What came after it was taken back is none of its failing.
  const before = failed === undefined ? own : own.slice(0, own.indexOf(failed));
  const wait = before.findLast((step) => step.kind === 'waits');
  const stop = (atMs: DurationMs, reason: string, message: string): RolloutStop => {
    const takenBack = failed?.kind === 'failed' && failed.takenBack;
    return { object: ref, atMs, reason, message, takenBack };
  };
  if (failed === undefined) {
    if (sync === 'Blocked' && !WISHED.has(syncReason)) return stop(0, syncReason, syncDetail);
    const concerned = touched.has(refText(ref)) || own.length > 0;
    if (!concerned || WELL.has(health.state) || ref.kind === 'HorizontalPodAutoscaler') return null;
  }
  // What had no place has one since: something else is the matter.
  const isOver = ({ reason }: { readonly reason: string }): boolean =>
    failed === undefined && reason === 'Unschedulable' && health.state === 'Progressing';
  if (wait?.kind === 'waits' && !isOver(wait)) return stop(wait.atMs, wait.reason, recorder.lastWord(wait));
  if (failed?.kind === 'failed') return stop(failed.atMs, 'ProgressDeadlineExceeded', failed.evidence);
  return stop(own.at(-1)?.atMs ?? 0, health.reason, health.message);
}
