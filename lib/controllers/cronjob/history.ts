import type { Job } from '../../schema/types.gen.ts';
import { finalCondition } from '../job/ending.ts';

/** The finished Jobs beyond what is to be kept, oldest first. Unset keeps all. */
export function beyondHistory(
  jobs: readonly Job[],
  keep: { readonly successful: number | undefined; readonly failed: number | undefined },
): readonly Job[] {
  const ended = (type: string): readonly Job[] =>
    jobs.filter((job) => finalCondition(job)?.type === type && job.metadata.deletionTimestamp === undefined);
  return [...surplus(ended('Complete'), keep.successful), ...surplus(ended('Failed'), keep.failed)];
}

function surplus(jobs: readonly Job[], keep: number | undefined): readonly Job[] {
  if (keep === undefined) return [];
  return byStart(jobs).slice(0, Math.max(0, jobs.length - keep));
}

/** The earlier started first, those that never were last; alike, by name. Source: upstream byJobStartTime. */
export function byStart(jobs: readonly Job[]): readonly Job[] {
  const start = ({ status }: Job): number => Date.parse(status?.startTime ?? '') || Number.POSITIVE_INFINITY;
  return [...jobs].sort((a, b) => {
    const [startA, startB] = [start(a), start(b)];
    if (startA !== startB) return startA - startB;
    return a.metadata.name < b.metadata.name ? -1 : 1;
  });
}
