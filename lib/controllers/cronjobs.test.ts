import test from 'ava';
import { hourMs, minuteMs, secondMs } from '../base/clock.ts';
import type { CronJob, CronJobSpec, Event, Job } from '../schema/types.gen.ts';
import { type ControlPlane, controlPlane } from '../testing/control-plane.ts';
import { cronJobController } from './cronjob/controller.ts';
import { jobController } from './job/controller.ts';

const CRON_JOB = { group: 'batch', kind: 'CronJob' };
const JOB = { group: 'batch', kind: 'Job' };
const POD = { group: '', kind: 'Pod' };
const EVENT = { group: '', kind: 'Event' };

function cron(name: string, spec: Partial<CronJobSpec> & { readonly image?: string } = {}): CronJob {
  const { image = '20', ...rest } = spec;
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name, namespace: 'default' },
    spec: {
      schedule: '0 * * * *',
      jobTemplate: {
        spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image }] } } },
      },
      ...rest,
    },
  };
}

/** A pod works for as many seconds as its image says. */
async function begin(...cronJobs: readonly CronJob[]): Promise<ControlPlane> {
  const plane = await controlPlane({
    seed: 1,
    controllers: [jobController(), cronJobController()],
    fateOf: (pod) => {
      const afterMs = Number(pod.spec.containers[0]?.image) * secondMs;
      return { readyAfterMs: null, stopAfterMs: secondMs, ends: { afterMs, exitCode: 0 } };
    },
  });
  for (const kind of [CRON_JOB, JOB, POD, EVENT]) plane.all(kind);
  for (const cronJob of cronJobs) await plane.apply(cronJob);
  await plane.clock.run(0);
  return plane;
}

/** The minute of the day that a run is for. */
function runs(plane: ControlPlane, cronJob: string): readonly string[] {
  return plane
    .all<Job>(JOB)
    .filter(({ metadata }) => metadata.name.startsWith(`${cronJob}-`))
    .map(({ metadata }) => {
      const minutes = Number(metadata.name.slice(cronJob.length + 1));
      return new Date(minutes * minuteMs).toISOString().slice(11, 16);
    });
}

const find = (plane: ControlPlane, name: string): CronJob | undefined =>
  plane.all<CronJob>(CRON_JOB).find(({ metadata }) => metadata.name === name);

test('a day of CronJobs: every run on time, once, and only so much history', async (t) => {
  const plane = await begin(
    cron('hourly'),
    cron('nightly', { schedule: '30 3 * * *', timeZone: 'Europe/Berlin' }),
    cron('quarters', { schedule: '*/15 9-16 * * *', successfulJobsHistoryLimit: 40 }),
  );
  const seen = new Map<string, number>();
  await plane.clock.runUntil(
    () => {
      const now = plane.clock.now();
      for (const { metadata } of plane.all<Job>(JOB)) {
        if (seen.has(metadata.name)) continue;
        seen.set(metadata.name, now - Number(metadata.name.split('-').at(-1)) * minuteMs);
      }
      return now >= Date.UTC(2026, 0, 6, 0, 0, 20);
    },
    { withinMs: 25 * hourMs, what: 'the day after' },
  );
  await plane.clock.run(minuteMs);
  const count = (name: string): number => [...seen.keys()].filter((each) => each.startsWith(name)).length;
  t.deepEqual([count('hourly'), count('nightly'), count('quarters')], [24, 1, 32]);
  t.true(
    [...seen.values()].every((late) => late >= 0 && late <= secondMs),
    'within a second of its time',
  );
  t.deepEqual(runs(plane, 'hourly'), ['22:00', '23:00', '00:00']);
  t.deepEqual(runs(plane, 'nightly'), ['02:30']);
  t.is(runs(plane, 'quarters').length, 32);
  t.like(find(plane, 'hourly')?.status, {
    lastScheduleTime: '2026-01-06T00:00:00Z',
    lastSuccessfulTime: '2026-01-06T00:00:20Z',
    active: undefined,
  });
  await plane.stop();
});

const policies = [
  // Jobs take 150 seconds: which runs of five minutes are there, and how many at a time.
  { concurrencyPolicy: 'Allow', expected: { made: 5, most: 3 } },
  { concurrencyPolicy: 'Forbid', expected: { made: 2, most: 1 } },
  { concurrencyPolicy: 'Replace', expected: { made: 5, most: 1 } },
];
for (const { concurrencyPolicy, expected } of policies) {
  test(`Jobs that take longer than their interval: ${concurrencyPolicy}`, async (t) => {
    const schedule = { schedule: '* * * * *', concurrencyPolicy, image: '150' };
    const plane = await begin(cron('long', { ...schedule, successfulJobsHistoryLimit: 10 }));
    const made = new Set<string>();
    let most = 0;
    await plane.clock.runUntil(
      () => {
        const jobs = plane.all<Job>(JOB);
        for (const { metadata } of jobs) made.add(metadata.name);
        most = Math.max(most, jobs.filter(({ status }) => status?.completionTime === undefined).length);
        return plane.clock.now() >= Date.UTC(2026, 0, 5, 0, 5);
      },
      { withinMs: hourMs, what: 'five minutes' },
    );
    t.deepEqual({ made: made.size, most }, expected);
    const active = find(plane, 'long')?.status?.active ?? [];
    t.is(
      active.length,
      plane.all<Job>(JOB).filter(({ status }) => status?.completionTime === undefined).length,
    );
    t.true(active.every(({ uid }) => uid !== undefined));
    await plane.stop();
  });
}

test('what was missed while it was suspended runs once on resuming, with a warning past a hundred', async (t) => {
  const plane = await begin(cron('minutely', { schedule: '* * * * *', suspend: true }));
  await plane.clock.run(5 * hourMs + 30 * secondMs);
  t.is(plane.all(JOB).length, 0);
  await plane.apply(cron('minutely', { schedule: '* * * * *', suspend: false }));
  await plane.clock.run(secondMs);
  t.deepEqual(runs(plane, 'minutely'), ['05:00']);
  t.is(plane.all<Event>(EVENT).filter(({ reason }) => reason === 'TooManyMissedTimes').length, 1);
  await plane.clock.run(minuteMs);
  t.deepEqual(runs(plane, 'minutely'), ['05:00', '05:01']);
  await plane.stop();
});

test('a template that is refused is told of, and tried again', async (t) => {
  const refused = cron('odd');
  const { jobTemplate } = refused.spec;
  const { template } = jobTemplate.spec;
  const containers = template.spec?.containers ?? [];
  const account = { ...template, spec: { ...template.spec, containers, serviceAccountName: 'nobody' } };
  const plane = await begin({
    ...refused,
    spec: {
      ...refused.spec,
      schedule: '* * * * *',
      jobTemplate: { spec: { ...jobTemplate.spec, template: account } },
    },
  });
  await plane.clock.run(minuteMs + 20 * secondMs);
  t.is(plane.all(JOB).length, 1, 'a Job may name whom it likes; its pods may not');
  t.is(plane.all(POD).length, 0);
  t.true(plane.all<Event>(EVENT).some(({ reason }) => reason === 'FailedCreate'));
  await plane.apply({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'nobody', namespace: 'default' },
  });
  await plane.clock.run(20 * secondMs);
  t.is(plane.all(POD).length, 1);
  await plane.stop();
});
