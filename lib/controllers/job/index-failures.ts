import type { Job, Pod } from '../../schema/types.gen.ts';
import { completionIndexOf } from './completion-index.ts';
import { type FailureRecord, failureRecord } from './failure-back-off.ts';
import { failureVerdict } from './failure-policy.ts';
import { finishTime } from './finish-time.ts';
import { podNames } from './names.ts';
import type { Finished } from './pods-of-job.ts';

/** How often an index failed so far: what counts towards its limit, and what a rule said to ignore. */
export type IndexFailures = { readonly counted: number; readonly ignored: number };

/** What the next pod of the index inherits from this one, which failed. */
export function failuresAfter({ spec }: Job, pod: Pod): IndexFailures {
  const counted = numberIn(pod, podNames.indexFailures);
  const ignored = numberIn(pod, podNames.indexIgnored);
  return failureVerdict(spec.podFailurePolicy, pod).counts
    ? { counted: counted + 1, ignored }
    : { counted, ignored: ignored + 1 };
}

/** Whether with this pod's failure its index has failed for good. Source: upstream isIndexFailed. */
export function indexFails(job: Job, pod: Pod): boolean {
  const limit = job.spec.backoffLimitPerIndex;
  if (limit === undefined) return false;
  if (failureVerdict(job.spec.podFailurePolicy, pod).action === 'FailIndex') return true;
  return failuresAfter(job, pod).counted > limit;
}

/**
 * The failures of every index that has some, from the pod of it that failed most often. A pod deleted by hand takes its count along.
 */
export function failuresByIndex(
  job: Job,
  finished: readonly Finished[],
): ReadonlyMap<number, IndexFailures & { readonly record: FailureRecord }> {
  const byIndex = new Map<number, IndexFailures & { readonly record: FailureRecord }>();
  for (const { pod, outcome } of finished) {
    const index = completionIndexOf(pod, job.spec.completions ?? 0);
    if (index === null || outcome !== 'failed') continue;
    const after = failuresAfter(job, pod);
    const before = byIndex.get(index);
    const failures = after.counted + after.ignored;
    if (before !== undefined && before.record.failures >= failures) continue;
    byIndex.set(index, { ...after, record: { failures, lastFailureAtMs: finishTime(pod) } });
  }
  return byIndex;
}

/** The failures of the Job as a whole. */
export function failuresOfJob(finished: readonly Finished[]): FailureRecord {
  const times = (wanted: Finished['outcome']): readonly number[] =>
    finished.filter(({ outcome }) => outcome === wanted).map(({ pod }) => finishTime(pod));
  return failureRecord({ succeededAtMs: times('succeeded'), failedAtMs: times('failed') });
}

function numberIn({ metadata }: Pod, annotation: string): number {
  const text = metadata.annotations?.[annotation] ?? '';
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : 0;
}
