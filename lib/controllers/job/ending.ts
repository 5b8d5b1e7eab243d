import { type EpochMs, fromRfc3339, secondMs } from '../../base/clock.ts';
import { conditionOf, isConditionTrue } from '../../schema/conditions.ts';
import type { Job, Pod } from '../../schema/types.gen.ts';
import { failureVerdict } from './failure-policy.ts';
import { countOf } from './index-set.ts';
import type { PodsOfJob } from './pods-of-job.ts';
import { metSuccessRule } from './success-policy.ts';
import { completionsOf, type Tally } from './tally.ts';

/** How a Job is to end. First its pods go, under the interim condition; then the final one is set. */
export type Ending = {
  readonly as: 'Complete' | 'Failed';
  readonly reason: string;
  readonly message: string;
};

export const interimOf = { Complete: 'SuccessCriteriaMet', Failed: 'FailureTarget' } as const;

/** The final condition of a Job that has ended; undefined while it has not. */
export function finalCondition({ status }: Job): ReturnType<typeof conditionOf> {
  return status?.conditions?.find(
    ({ type, status: holds }) => (type === 'Complete' || type === 'Failed') && holds === 'True',
  );
}

/** null: it goes on. What has been decided stays so. */
export function endingOf(job: Job, pods: PodsOfJob, count: Tally, now: EpochMs): Ending | null {
  return (
    begunEnding(job) ??
    failureByRule(job, pods) ??
    failureByLimit(job, pods, count, now) ??
    failureByIndexes(job, count) ??
    success(job, pods, count)
  );
}

/** When activeDeadlineSeconds are over; null: never. A suspended Job's time stands still. */
export function deadlineOf({ spec, status }: Job): EpochMs | null {
  const startedAtMs = fromRfc3339(status?.startTime);
  if (spec.activeDeadlineSeconds === undefined || startedAtMs === null || spec.suspend === true) return null;
  // Until its start is set anew, time before the suspension would count.
  if (isConditionTrue(status?.conditions, 'Suspended')) return null;
  return startedAtMs + spec.activeDeadlineSeconds * secondMs;
}

function begunEnding({ status }: Job): Ending | null {
  for (const as of ['Complete', 'Failed'] as const) {
    const begun = conditionOf(status?.conditions, interimOf[as]);
    if (begun?.status === 'True') return { as, reason: begun.reason ?? '', message: begun.message ?? '' };
  }
  return null;
}

function failureByRule({ spec }: Job, { uncounted }: PodsOfJob): Ending | null {
  for (const { pod, outcome } of uncounted) {
    if (outcome !== 'failed') continue;
    const message = failureVerdict(spec.podFailurePolicy, pod).jobFails;
    if (message !== null) return { as: 'Failed', reason: 'PodFailurePolicy', message };
  }
  return null;
}

function failureByLimit(job: Job, pods: PodsOfJob, count: Tally, now: EpochMs): Ending | null {
  const deadline = deadlineOf(job);
  if (deadline !== null && deadline <= now) {
    const message = `The Job was active for longer than ${job.spec.activeDeadlineSeconds} s`;
    return { as: 'Failed', reason: 'DeadlineExceeded', message };
  }
  const limit = job.spec.backoffLimit ?? Number.POSITIVE_INFINITY;
  if (count.failed <= limit && !restartedTooOften(job, [...pods.active, ...pods.terminating])) return null;
  const message = `The Job has failed more often than its back-off limit of ${limit} allows`;
  return { as: 'Failed', reason: 'BackoffLimitExceeded', message };
}

/** Containers that are restarted in place never fail their pod: their restarts count instead. Source: upstream pastBackoffLimitOnFailure. */
function restartedTooOften({ spec }: Job, pods: readonly Pod[]): boolean {
  if (spec.template.spec?.restartPolicy !== 'OnFailure') return false;
  const restarts = pods.reduce((sum, { status }) => {
    const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
    return all.reduce((inPod, { restartCount }) => inPod + restartCount, sum);
  }, 0);
  return restarts > 0 && restarts >= (spec.backoffLimit ?? Number.POSITIVE_INFINITY);
}

function failureByIndexes(job: Job, count: Tally): Ending | null {
  const failed = countOf(count.failedIndexes);
  const { maxFailedIndexes = Number.POSITIVE_INFINITY, completions = 0 } = job.spec;
  if (failed === 0) return null;
  if (failed > maxFailedIndexes) {
    const message = `More than ${maxFailedIndexes} indexes of the Job have failed`;
    return { as: 'Failed', reason: 'MaxFailedIndexesExceeded', message };
  }
  if (failed + count.succeeded < completions) return null;
  const some = failed === 1 ? '1 index of the Job has' : `${failed} indexes of the Job have`;
  return { as: 'Failed', reason: 'FailedIndexes', message: `${some} failed` };
}

function success(job: Job, { active }: PodsOfJob, count: Tally): Ending | null {
  const completions = completionsOf(job);
  if (completions !== null) {
    const rule = metSuccessRule(job.spec.successPolicy, { completions, succeeded: count.completedIndexes });
    if (rule !== null) return { as: 'Complete', reason: 'SuccessPolicy', message: rule };
  }
  // A work queue is done once one pod has succeeded and the others have ended by themselves.
  const wanted = job.spec.completions;
  const reached =
    wanted === undefined ? count.succeeded > 0 && active.length === 0 : count.succeeded >= wanted;
  if (!reached) return null;
  return { as: 'Complete', reason: 'CompletionsReached', message: 'As many pods as wanted have succeeded' };
}
