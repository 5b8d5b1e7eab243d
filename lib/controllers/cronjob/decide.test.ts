import test from 'ava';
import fc from 'fast-check';
import { type EpochMs, hourMs, minuteMs, toRfc3339 } from '../../base/clock.ts';
import type { CronJob, CronJobSpec, CronJobStatus, Job } from '../../schema/types.gen.ts';
import { tries } from '../../testing/thoroughness.ts';
import { type CronJobDecision, decideCronJob } from './decide.ts';
import { SCHEDULED_ANNOTATION } from './job-of-run.ts';

const START = Date.UTC(2026, 0, 5);

function cron(spec: Partial<CronJobSpec> = {}, status: CronJobStatus = {}): CronJob {
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'cron', namespace: 'default', uid: 'c', creationTimestamp: toRfc3339(START) },
    spec: {
      schedule: '*/10 * * * *',
      jobTemplate: {
        metadata: { name: '', labels: { app: 'report' }, annotations: { by: 'hand' } },
        spec: { template: { spec: { containers: [] } } },
      },
      ...spec,
    },
    status,
  };
}

function ended(name: string, type: 'Complete' | 'Failed' | null, at: EpochMs): Job {
  const status = {
    startTime: toRfc3339(at),
    ...(type !== null && { conditions: [{ type, status: 'True' }], completionTime: toRfc3339(at) }),
  };
  const metadata = { name, namespace: 'default', uid: name };
  return { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: cron().spec.jobTemplate.spec, status };
}

const runOf = ({ actions }: CronJobDecision): Job | undefined =>
  actions.flatMap((action) => (action.do === 'run' ? [action.job] : []))[0];
const decide = (cronJob: CronJob, jobs: readonly Job[], now: EpochMs): CronJobDecision =>
  decideCronJob({ cronJob, jobs, isNameTaken: () => false }, now);

test('the Job of a run carries the template, its minute in its name and its time in the zone of the CronJob', (t) => {
  const { metadata } = runOf(decide(cron({ timeZone: 'Asia/Kolkata' }), [], START + 11 * minuteMs)) ?? cron();
  t.is(metadata.name, `cron-${START / minuteMs + 10}`);
  t.deepEqual(metadata.labels, { app: 'report' });
  t.deepEqual(metadata.annotations, { by: 'hand', [SCHEDULED_ANNOTATION]: '2026-01-05T05:40:00+05:30' });
});

test('a run that was made already is not made again, though the status does not say so', (t) => {
  const made = ended(`cron-${START / minuteMs + 10}`, null, START);
  const decision = decide(cron(), [made], START + 11 * minuteMs);
  t.is(runOf(decision), undefined);
  t.is(decision.status.lastScheduleTime, '2026-01-05T00:10:00Z');
});

test('a name that somebody else has is told of, and taken from nobody', (t) => {
  const decision = decideCronJob(
    { cronJob: cron(), jobs: [], isNameTaken: () => true },
    START + 11 * minuteMs,
  );
  t.is(runOf(decision), undefined);
  t.deepEqual(
    decision.notes.map(({ reason }) => reason),
    ['FailedCreate'],
  );
});

test('@every with a deadline keeps its count', (t) => {
  const every = cron({ schedule: '@every 1h', startingDeadlineSeconds: 10 });
  t.is(decide(every, [], START + 30 * minuteMs).requeueAtMs, START + hourMs + 100);
  t.is(runOf(decide(every, [], START + hourMs + 100))?.metadata.name, `cron-${START / minuteMs + 60}`);
  t.deepEqual(
    decide(every, [], START + hourMs + minuteMs).notes.map(({ reason }) => reason),
    ['MissSchedule'],
  );
});

test('a schedule without any time says so and waits for nothing', (t) => {
  const { requeueAtMs, notes } = decide(cron({ schedule: '0 0 31 2 *' }), [], START + hourMs);
  t.is(requeueAtMs, null);
  t.deepEqual(
    notes.map(({ reason }) => reason),
    ['InvalidSchedule'],
  );
});

test('finished Jobs beyond the history go, the oldest first; the last success is remembered', (t) => {
  const jobs = [1, 2, 3, 4, 5].flatMap((at) => [
    ended(`good-${at}`, 'Complete', START - at * hourMs),
    ended(`bad-${at}`, 'Failed', START - at * hourMs),
  ]);
  const spec = { successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 };
  const { actions, status } = decide(cron(spec), [...jobs, ended('runs', null, START)], START);
  const gone = actions.map((action) => action.job.metadata.name);
  t.deepEqual(gone, ['good-5', 'good-4', 'bad-5', 'bad-4', 'bad-3', 'bad-2']);
  t.is(status.lastSuccessfulTime, toRfc3339(START - hourMs));
  t.deepEqual(
    status.active?.map(({ name }) => name),
    ['runs'],
  );
});

test('property: looked at whenever, a minute is run at most once and always the latest one that has come', (t) => {
  const schedules = fc.constantFrom('* * * * *', '*/7 * * * *', '5 */2 * * *', '@every 13m');
  const looks = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(schedules, looks, fc.boolean(), (schedule, steps, forbids) => {
      const names = new Set<string>();
      const jobs: Job[] = [];
      let status: CronJobStatus = {};
      let now = START;
      for (const step of steps) {
        now += step * 15_000;
        const policy = { schedule, concurrencyPolicy: forbids ? 'Forbid' : 'Allow' };
        const decision = decide(cron(policy, status), jobs, now);
        status = decision.status;
        const run = decision.actions.find((action) => action.do === 'run');
        if (run === undefined) continue;
        const { name } = run.job.metadata;
        t.false(names.has(name), `${name} was run twice`);
        names.add(name);
        jobs.push(ended(name, forbids && step % 2 === 0 ? null : 'Complete', now));
        if (forbids) t.true(jobs.slice(0, -1).every((job) => job.status?.conditions !== undefined));
        t.true((decision.requeueAtMs ?? 0) > now);
        status = run.status;
      }
    }),
    { numRuns: tries(100) },
  );
});
