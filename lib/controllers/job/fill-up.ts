import type { EpochMs } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import { rankPodsForDeletion } from '../../schema/pod-ranking.ts';
import type { Job, Pod } from '../../schema/types.gen.ts';
import { earlier } from '../harness/decision.ts';
import { completionIndexOf, duplicateIndexes } from './completion-index.ts';
import { backOffEndsAt } from './failure-back-off.ts';
import { failuresByIndex, failuresOfJob, type IndexFailures } from './index-failures.ts';
import { firstFree, indexSet, union } from './index-set.ts';
import { type PodsOfJob, replacesOnlyEnded } from './pods-of-job.ts';
import { completionsOf, type Tally } from './tally.ts';

/** A pod to be made. `index` null: the Job is not indexed. */
export type NewJobPod = { readonly index: number | null; readonly failures: IndexFailures | null };

export type FillUp = {
  readonly remove: readonly Pod[];
  readonly create: readonly NewJobPod[];
  /** When a pod may be made that may not yet; null: none waits. */
  readonly backOffEndsAtMs: EpochMs | null;
};

const none: FillUp = { remove: [], create: [], backOffEndsAtMs: null };

/** Which pods a Job that goes on has too many of, or lacks. Source: upstream manageJob. */
export function fillUp(job: Job, pods: PodsOfJob, count: Tally, now: EpochMs): FillUp {
  const wanted = wantedActive(job, pods, count);
  const surplus = surplusPods(job, pods.active, wanted, now);
  if (surplus.length > 0) return { ...none, remove: surplus.slice(0, limits.jobPodsPerPassMax) };
  const coming = replacesOnlyEnded(job) ? pods.terminating.length : 0;
  const missing = Math.min(wanted - pods.active.length - coming, limits.jobPodsPerPassMax);
  if (missing <= 0) return none;
  if (job.spec.backoffLimitPerIndex !== undefined) return fillIndexes(job, pods, count, { missing, now });
  const endsAtMs = backOffEndsAt(failuresOfJob(pods.finished));
  if (endsAtMs !== null && endsAtMs > now) return { ...none, backOffEndsAtMs: endsAtMs };
  const indexes = freeIndexes(job, pods, count, missing);
  const create = indexes ?? Array.from({ length: missing }, () => null);
  return { ...none, create: create.map((index) => ({ index, failures: null })) };
}

function wantedActive({ spec }: Job, { active }: PodsOfJob, count: Tally): number {
  const parallelism = spec.parallelism ?? 1;
  // Once a pod of a work queue has succeeded no other is begun.
  if (spec.completions === undefined)
    return count.succeeded > 0 ? Math.min(active.length, parallelism) : parallelism;
  return Math.max(0, Math.min(parallelism, spec.completions - count.succeeded));
}

function surplusPods(job: Job, active: readonly Pod[], wanted: number, now: EpochMs): readonly Pod[] {
  const completions = completionsOf(job);
  const { keep, remove } =
    completions === null ? { keep: active, remove: [] } : duplicateIndexes(active, completions, now);
  const ranked = rankPodsForDeletion(
    keep.map((pod) => ({ pod, rank: 0 })),
    now,
  );
  return [...remove, ...ranked.slice(0, Math.max(0, keep.length - wanted))];
}

/** The lowest indexes nobody has, is at, or has given up; null where the Job is not indexed. */
function freeIndexes(job: Job, pods: PodsOfJob, count: Tally, most: number): readonly number[] | null {
  const completions = completionsOf(job);
  if (completions === null) return null;
  const busy = [...pods.active, ...(replacesOnlyEnded(job) ? pods.terminating : [])];
  const taken = union(
    count.completedIndexes,
    count.failedIndexes,
    indexSet(busy.flatMap((pod) => completionIndexOf(pod, completions) ?? [])),
  );
  return firstFree(taken, { count: most, completions });
}

/** Each index backs off by itself. Source: upstream getPodCreationInfoForIndependentIndexes. */
function fillIndexes(
  job: Job,
  pods: PodsOfJob,
  count: Tally,
  { missing, now }: { readonly missing: number; readonly now: EpochMs },
): FillUp {
  const failures = failuresByIndex(job, pods.finished);
  const create: NewJobPod[] = [];
  let backOffEndsAtMs: EpochMs | null = null;
  for (const index of freeIndexes(job, pods, count, missing + failures.size) ?? []) {
    if (create.length === missing) break;
    const before = failures.get(index);
    const endsAtMs = before === undefined ? null : backOffEndsAt(before.record);
    if (endsAtMs !== null && endsAtMs > now) backOffEndsAtMs = earlier(backOffEndsAtMs, endsAtMs);
    else create.push({ index, failures: before ?? { counted: 0, ignored: 0 } });
  }
  return { remove: [], create, backOffEndsAtMs };
}
