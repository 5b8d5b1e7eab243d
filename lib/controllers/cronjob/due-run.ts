import { type EpochMs, fromRfc3339, secondMs } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import { type CronSchedule, latestTime, nextTime } from '../../schema/cron-schedule.ts';
import type { CronJob } from '../../schema/types.gen.ts';

/** What a schedule says at a moment. */
export type DueRun = {
  /** The latest time that has come and was not met; earlier ones never are. null: none. */
  readonly atMs: EpochMs | null;
  /** More than a hundred times have come: something was off for long. */
  readonly missedMany: boolean;
  /** The first time after now; null: there is none (31 February), or none within five years. */
  readonly nextAtMs: EpochMs | null;
};

export function dueRun(cronJob: CronJob, schedule: CronSchedule, now: EpochMs): DueRun {
  const timeZone = cronJob.spec.timeZone ?? null;
  const after = earliestTime(cronJob, schedule, now);
  const atMs = latestTime(schedule, { after, until: now, timeZone });
  // Nothing due: the next is after now, or where `@every` is counted from.
  const nothingSince = schedule.kind === 'every' ? after : Math.max(after, now);
  return {
    atMs,
    missedMany: atMs !== null && missedMany(schedule, { after, now, timeZone }),
    nextAtMs: nextTime(schedule, { after: atMs ?? nothingSince, timeZone }),
  };
}

/**
 * Times at or before this one are not looked at: they were met, were before the CronJob, or are past their deadline. What is
 * counted from the run before (`@every`) would lose its count with the deadline; there it is held against the time itself.
 */
export function earliestTime(
  { metadata, spec, status }: CronJob,
  schedule: CronSchedule,
  now: EpochMs,
): EpochMs {
  const since = fromRfc3339(status?.lastScheduleTime) ?? fromRfc3339(metadata.creationTimestamp) ?? now;
  if (spec.startingDeadlineSeconds === undefined || schedule.kind === 'every') return since;
  return Math.max(since, now - spec.startingDeadlineSeconds * secondMs);
}

export function isTooLate({ spec }: CronJob, scheduledAtMs: EpochMs, now: EpochMs): boolean {
  const { startingDeadlineSeconds } = spec;
  return startingDeadlineSeconds !== undefined && scheduledAtMs + startingDeadlineSeconds * secondMs < now;
}

function missedMany(
  schedule: CronSchedule,
  from: { readonly after: EpochMs; readonly now: EpochMs; readonly timeZone: string | null },
): boolean {
  let at: EpochMs = from.after;
  for (let missed = 0; missed <= limits.cronMissedRunsWarned; missed += 1) {
    const next = nextTime(schedule, { after: at, timeZone: from.timeZone });
    if (next === null || next > from.now) return false;
    at = next;
  }
  return true;
}
