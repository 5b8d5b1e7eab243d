import type { Job } from '../../schema/types.gen.ts';
import { completionIndexOf } from './completion-index.ts';
import { failureVerdict } from './failure-policy.ts';
import { indexFails } from './index-failures.ts';
import { countOf, hasIndex, type IndexSet, indexSet, parseIndexes, union } from './index-set.ts';
import type { Finished } from './pods-of-job.ts';

/** How far a Job has come. */
export type Tally = {
  readonly succeeded: number;
  readonly failed: number;
  /** Empty where the Job is not indexed. */
  readonly completedIndexes: IndexSet;
  readonly failedIndexes: IndexSet;
};

/** null: not an indexed Job. */
export function completionsOf({ spec }: Job): number | null {
  return spec.completionMode === 'Indexed' ? (spec.completions ?? 0) : null;
}

/** What the status counts, and these pods on top. */
export function tally(job: Job, uncounted: readonly Finished[]): Tally {
  const { status, spec } = job;
  const failedPods = uncounted.filter(({ outcome }) => outcome === 'failed').map(({ pod }) => pod);
  const succeededPods = uncounted.filter(({ outcome }) => outcome === 'succeeded').map(({ pod }) => pod);
  const counting = failedPods.filter((pod) => failureVerdict(spec.podFailurePolicy, pod).counts);
  const failed = (status?.failed ?? 0) + counting.length;
  const completions = completionsOf(job);
  if (completions === null) {
    const succeeded = (status?.succeeded ?? 0) + succeededPods.length;
    return { succeeded, failed, completedIndexes: [], failedIndexes: [] };
  }
  const indexesOf = (pods: typeof failedPods): readonly number[] =>
    pods.flatMap((pod) => completionIndexOf(pod, completions) ?? []);
  const completedIndexes = union(
    parseIndexes(status?.completedIndexes ?? '', completions),
    indexSet(indexesOf(succeededPods)),
  );
  const gaveUp = indexesOf(failedPods.filter((pod) => indexFails(job, pod)));
  const failedIndexes = union(
    parseIndexes(status?.failedIndexes ?? '', completions),
    indexSet(gaveUp.filter((index) => !hasIndex(completedIndexes, index))),
  );
  return { succeeded: countOf(completedIndexes), failed, completedIndexes, failedIndexes };
}
