import test from 'ava';
import type { Client } from '../api/client.ts';
import { informers as makeInformers } from '../api/informers.ts';
import { hourMs, secondMs } from '../base/clock.ts';
import { WorldError } from '../base/errors.ts';
import { silentLog } from '../base/log.ts';
import { isPodActive } from '../schema/pod-conditions.ts';
import type { CronJob, Job, JobSpec, Pod } from '../schema/types.gen.ts';
import { type ControlPlane, controlPlane } from '../testing/control-plane.ts';
import type { PodFate } from '../testing/fake-kubelet.ts';
import { spread, stride } from '../testing/thoroughness.ts';
import { cronJobController } from './cronjob/controller.ts';
import { type Running, runControllers } from './harness/run-controllers.ts';
import { jobController } from './job/controller.ts';
import { finalCondition } from './job/ending.ts';
import { TRACKING_FINALIZER } from './job/names.ts';

const POD = { group: '', kind: 'Pod' };
const JOB = { group: 'batch', kind: 'Job' };
const CRON_JOB = { group: 'batch', kind: 'CronJob' };
const COMPLETIONS = 5;
const PARALLELISM = 2;

function work(spec: Partial<JobSpec> = {}): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'work', namespace: 'default' },
    spec: {
      completions: COMPLETIONS,
      parallelism: PARALLELISM,
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'works' }] } },
      ...spec,
    },
  };
}

/** Every third pod fails, two seconds after the others would have ended. */
function fates(): (pod: Pod) => PodFate {
  const seen: string[] = [];
  return ({ metadata: { uid = '' } }) => {
    if (!seen.includes(uid)) seen.push(uid);
    const fails = seen.indexOf(uid) % 3 === 2;
    const ends = { afterMs: (fails ? 7 : 5) * secondMs, exitCode: fails ? 1 : 0 };
    return { readyAfterMs: secondMs, stopAfterMs: secondMs, ends };
  };
}

/** From its `at`th write on nothing goes through any more; that write itself does, or does not. */
function dyingClient(client: Client, at: number, itself: 'written' | 'lost') {
  let writes = 0;
  const died = (): never => {
    throw new WorldError('DIED', 'The process is dead.');
  };
  const dying: Client = {
    ...client,
    create: async () => died(),
    update: async () => died(),
    patch: async () => died(),
    async transact(operations, caller) {
      writes += 1;
      if (writes > at || (writes === at && itself === 'lost')) return died();
      const results = await client.transact(operations, caller);
      return writes === at ? died() : results;
    },
  };
  return { client: dying, isDead: () => writes >= at };
}

/** Controllers with a memory of their own, as a new process has them. */
function live(plane: ControlPlane, client: Client): Running {
  const informers = makeInformers(client, plane.caller);
  const deps = { client, informers, clock: plane.clock, log: silentLog() };
  const running = runControllers([jobController(), cronJobController()], deps);
  return {
    ...running,
    async stop() {
      await running.stop();
      informers.stop();
    },
  };
}

type Told = { readonly deaths: number; readonly mostActive: number };

/** Lives until `isDone`, dying once at write `at`; a life in which it never comes to that write tells that it did not die. */
async function dieOnce(
  plane: ControlPlane,
  death: { readonly at: number; readonly itself: 'written' | 'lost' },
  isDone: () => boolean,
): Promise<Told> {
  const dying = dyingClient(plane.client, death.at, death.itself);
  let mostActive = 0;
  const look = (end: () => boolean) => (): boolean => {
    mostActive = Math.max(mostActive, plane.all<Pod>(POD).filter(isPodActive).length);
    return end() || isDone();
  };
  const first = live(plane, dying.client);
  await plane.clock.runUntil(look(dying.isDead), { withinMs: hourMs, what: 'the death' });
  await first.stop();
  const second = live(plane, plane.client);
  await plane.clock.runUntil(
    look(() => false),
    { withinMs: hourMs, what: 'the end' },
  );
  await plane.clock.run(secondMs);
  await second.stop();
  return { deaths: dying.isDead() ? 1 : 0, mostActive };
}

const jobs = [
  { title: 'counted', spec: {} },
  { title: 'indexed', spec: { completionMode: 'Indexed' } },
  { title: 'indexed, with limits by index', spec: { completionMode: 'Indexed', backoffLimitPerIndex: 3 } },
];
for (const itself of ['written', 'lost'] as const) {
  for (const { title, spec } of jobs) {
    test(`a Job (${title}) whose controllers die at a write that is ${itself}: every pod is counted once`, async (t) => {
      for (let at = 1; ; at += stride(4)) {
        const plane = await controlPlane({ seed: at, controllers: [], fateOf: fates() });
        for (const kind of [POD, JOB]) plane.all(kind);
        await plane.apply(work(spec));
        const job = (): Job | undefined => plane.all<Job>(JOB)[0];
        const isDone = (): boolean => {
          const now = job();
          return now !== undefined && finalCondition(now) !== undefined;
        };
        const { deaths, mostActive } = await dieOnce(plane, { at, itself }, isDone);
        const pods = plane.all<Pod>(POD);
        const ended = (phase: string): number => pods.filter(({ status }) => status?.phase === phase).length;
        const why = `write ${at}`;
        t.is(job()?.status?.succeeded, COMPLETIONS, why);
        t.is(ended('Succeeded'), COMPLETIONS, why);
        t.is(job()?.status?.failed, ended('Failed'), why);
        t.true(ended('Failed') > 0, why);
        t.is(pods.length, COMPLETIONS + ended('Failed'), why);
        t.true(mostActive <= PARALLELISM, why);
        t.false(
          pods.some(({ metadata }) => metadata.finalizers?.includes(TRACKING_FINALIZER)),
          why,
        );
        await plane.stop();
        if (deaths === 0) {
          t.true(at > 8, `the life had ${at - 1} writes`);
          return;
        }
      }
    });
  }

  test(`a CronJob whose controllers die at a write that is ${itself}: every minute is run once`, async (t) => {
    for (let at = 1; at <= 12; at += stride(4)) {
      const plane = await controlPlane({ seed: at, controllers: [], fateOf: fates() });
      for (const kind of [POD, JOB, CRON_JOB]) plane.all(kind);
      const cronJob: CronJob = {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata: { name: 'cron', namespace: 'default' },
        spec: {
          schedule: '* * * * *',
          successfulJobsHistoryLimit: 10,
          jobTemplate: { spec: { template: work().spec.template } },
        },
      };
      await plane.apply(cronJob);
      const minutes = (): readonly Job[] => plane.all<Job>(JOB);
      const isDone = (): boolean => minutes().filter((job) => finalCondition(job) !== undefined).length === 3;
      await dieOnce(plane, { at, itself }, isDone);
      t.is(minutes().length, 3, `write ${at}`);
      const [status] = plane.all<CronJob>(CRON_JOB).map((each) => each.status);
      t.is(status?.lastScheduleTime, '2026-01-05T00:03:00Z', `write ${at}`);
      t.is(status?.active, undefined, `write ${at}`);
      await plane.stop();
    }
  });
}

for (const seed of spread([1, 2, 3, 4], 2)) {
  test(`informers up to three seconds late, seed ${seed}: no pod too many, and each counted once`, async (t) => {
    const options = { seed, lagMaxMs: 3 * secondMs, fateOf: fates() };
    const plane = await controlPlane({ ...options, controllers: [jobController(), cronJobController()] });
    for (const kind of [POD, JOB]) plane.all(kind);
    await plane.apply(work(seed % 2 === 0 ? { completionMode: 'Indexed' } : {}));
    let most = 0;
    const job = (): Job | undefined => plane.all<Job>(JOB)[0];
    await plane.clock.runUntil(
      () => {
        most = Math.max(most, plane.all<Pod>(POD).filter(isPodActive).length);
        const now = job();
        return now !== undefined && finalCondition(now) !== undefined;
      },
      { withinMs: hourMs, what: 'the end' },
    );
    const failed = plane.all<Pod>(POD).filter(({ status }) => status?.phase === 'Failed').length;
    t.true(most <= PARALLELISM, `${most} at once`);
    t.like(job()?.status, { succeeded: COMPLETIONS, failed });
    t.is(plane.all(POD).length, COMPLETIONS + failed);
    await plane.stop();
  });
}
