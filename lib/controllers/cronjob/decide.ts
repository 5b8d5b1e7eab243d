import { type EpochMs, fromRfc3339, toRfc3339 } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';
import { type CronSchedule, isTimeZone, parseCronSchedule } from '../../schema/cron-schedule.ts';
import type { CronJob, CronJobStatus, Job, ObjectReference } from '../../schema/types.gen.ts';
import type { Decision } from '../harness/decision.ts';
import { finalCondition } from '../job/ending.ts';
import { dueRun, isTooLate } from './due-run.ts';
import { beyondHistory } from './history.ts';
import { jobOfRun, runName } from './job-of-run.ts';

export type CronJobAction =
  /** A finished Job that is not kept any longer. */
  | { readonly do: 'delete'; readonly job: Job }
  /** Begins a run; what it replaces goes in the same transaction, which also writes `status`. */
  | {
      readonly do: 'run';
      readonly job: Job;
      readonly replaces: readonly Job[];
      readonly status: CronJobStatus;
    };

export type CronJobWait = 'NextTime' | 'JobFinished' | 'Resumed';
/** `status` is that before the run, if there is one. */
export type CronJobDecision = Decision<CronJobAction, CronJobStatus, CronJobWait>;

export type CronJobInput = {
  readonly cronJob: CronJob;
  /** The Jobs it controls. */
  readonly jobs: readonly Job[];
  /** Whether a Job of that name is there which is somebody else's. */
  readonly isNameTaken: (name: string) => boolean;
};

/** Decides whether a run is due, what of the past is to be forgotten, and when to look again. Source: upstream syncCronJob. */
export function decideCronJob(input: CronJobInput, now: EpochMs): CronJobDecision {
  const { cronJob, jobs } = input;
  const { spec, metadata } = cronJob;
  const old = beyondHistory(jobs, {
    successful: spec.successfulJobsHistoryLimit,
    failed: spec.failedJobsHistoryLimit,
  });
  const upkeep: CronJobDecision = {
    actions: old.map((job) => ({ do: 'delete', job })),
    status: statusOf(cronJob, jobs),
    waitingOn: [],
    requeueAtMs: null,
    notes: notesOfEnds(cronJob, jobs),
  };
  if (metadata.deletionTimestamp !== undefined) return upkeep;
  if (spec.timeZone !== undefined && !isTimeZone(spec.timeZone)) {
    return warned(upkeep, 'UnknownTimeZone', `${JSON.stringify(spec.timeZone)} is no time zone`);
  }
  if (spec.suspend === true) return { ...upkeep, waitingOn: ['Resumed'] };
  const schedule = parseCronSchedule(spec.schedule);
  if ('error' in schedule) return warned(upkeep, 'UnparseableSchedule', schedule.error);
  return decideRun(input, { schedule, upkeep, now });
}

function decideRun(
  { cronJob, jobs, isNameTaken }: CronJobInput,
  on: { readonly schedule: CronSchedule; readonly upkeep: CronJobDecision; readonly now: EpochMs },
): CronJobDecision {
  const { schedule, now } = on;
  const { atMs, missedMany, nextAtMs } = dueRun(cronJob, schedule, now);
  let next: CronJobDecision = {
    ...on.upkeep,
    waitingOn: ['NextTime'],
    requeueAtMs: nextAtMs === null ? null : nextAtMs + timings.cronJobDelayMs,
  };
  if (nextAtMs === null) next = warned(next, 'InvalidSchedule', 'There is no time the schedule names');
  if (atMs === null) return next;
  if (missedMany) {
    const message = 'More than 100 times have passed without a run: only the latest is run now';
    next = warned(next, 'TooManyMissedTimes', message);
  }
  if (isTooLate(cronJob, atMs, now)) {
    return warned(next, 'MissSchedule', `The run of ${toRfc3339(atMs)} is past its starting deadline`);
  }
  const name = runName(cronJob, atMs);
  const active = jobs.filter((job) => finalCondition(job) === undefined);
  // It runs already: we stopped between making it and saying so, or somebody reset the status.
  if (jobs.some(({ metadata }) => metadata.name === name))
    return { ...next, status: { ...next.status, lastScheduleTime: toRfc3339(atMs) } };
  if (isNameTaken(name))
    return warned(next, 'FailedCreate', `A Job ${name} is there that is not of this CronJob`);
  const policy = cronJob.spec.concurrencyPolicy ?? 'Allow';
  if (policy === 'Forbid' && active.length > 0) {
    const message = 'Not starting a run: the one before still runs, and concurrency is forbidden';
    return {
      ...next,
      waitingOn: ['JobFinished', 'NextTime'],
      notes: [...next.notes, { type: 'Normal', reason: 'JobAlreadyActive', message }],
    };
  }
  const replaces = policy === 'Replace' ? active.filter(isStaying) : [];
  const job = jobOfRun(cronJob, atMs);
  const gone = new Set(replaces.map(({ metadata }) => metadata.uid));
  const left = (next.status.active ?? []).filter(({ uid }) => !gone.has(uid));
  // Its uid is known once it is made; the look that follows fills it in.
  const status = withActive({ ...next.status, lastScheduleTime: toRfc3339(atMs) }, [
    ...left,
    referenceTo(job),
  ]);
  return { ...next, actions: [...next.actions, { do: 'run', job, replaces, status }] };
}

function warned(decision: CronJobDecision, reason: string, message: string): CronJobDecision {
  return { ...decision, notes: [...decision.notes, { type: 'Warning', reason, message }] };
}

const isStaying = ({ metadata }: Job): boolean => metadata.deletionTimestamp === undefined;

/** What its Jobs say: which run, and when the last succeeded (which outlives its Job). */
function statusOf({ status }: CronJob, jobs: readonly Job[]): CronJobStatus {
  const active = jobs.filter((job) => finalCondition(job) === undefined && isStaying(job));
  const successes = jobs
    .filter((job) => finalCondition(job)?.type === 'Complete')
    .map((job) => fromRfc3339(job.status?.completionTime) ?? 0);
  const before = fromRfc3339(status?.lastSuccessfulTime) ?? 0;
  const last = successes.reduce((a, b) => Math.max(a, b), before);
  const kept = { ...status, ...(last > before && { lastSuccessfulTime: toRfc3339(last) }) };
  const sorted = active.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return withActive(kept, sorted.map(referenceTo));
}

function withActive(status: CronJobStatus, active: readonly ObjectReference[]): CronJobStatus {
  const { active: _active, ...rest } = status;
  return active.length > 0 ? { ...rest, active } : rest;
}

function referenceTo({ apiVersion, kind, metadata }: Job): ObjectReference {
  const { name, namespace, uid } = metadata;
  return {
    apiVersion,
    kind,
    name,
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
  };
}

/** What became of the Jobs that the status says are active. */
function notesOfEnds({ status }: CronJob, jobs: readonly Job[]): CronJobDecision['notes'] {
  return (status?.active ?? []).flatMap(({ name }): CronJobDecision['notes'] => {
    const job = jobs.find(({ metadata }) => metadata.name === name);
    if (job === undefined)
      return [{ type: 'Normal', reason: 'MissingJob', message: `Active Job went missing: ${name}` }];
    const end = finalCondition(job)?.type;
    if (end === undefined) return [];
    return [
      { type: 'Normal', reason: 'SawCompletedJob', message: `Saw completed job: ${name}, condition: ${end}` },
    ];
  });
}
