import test from 'ava';
import { startGarbageCollector } from '../api/garbage-collector.ts';
import { type DurationMs, hourMs, minuteMs, secondMs } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { conditionOf } from '../schema/conditions.ts';
import { isPodActive } from '../schema/pod-conditions.ts';
import type { Event, Job, JobSpec, Pod } from '../schema/types.gen.ts';
import { type ControlPlane, controlPlane } from '../testing/control-plane.ts';
import type { PodFate } from '../testing/fake-kubelet.ts';
import { jobController } from './job/controller.ts';
import { podNames, TRACKING_FINALIZER } from './job/names.ts';

const POD = { group: '', kind: 'Pod' };
const JOB = { group: 'batch', kind: 'Job' };
const EVENT = { group: '', kind: 'Event' };

function work(spec: Partial<JobSpec> & { readonly image?: string } = {}): Job {
  const { image = 'works', template, ...rest } = spec;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'work', namespace: 'default' },
    spec: {
      template: template ?? { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image }] } },
      ...rest,
    },
  };
}

/** Pods work for ten seconds; those of the image `fails` fail then, those of `runs` never end. */
function fateOf(pod: Pod): PodFate {
  const image = pod.spec.containers[0]?.image;
  const life = { readyAfterMs: secondMs, stopAfterMs: 2 * secondMs };
  if (image === 'runs') return life;
  return { ...life, ends: { afterMs: 10 * secondMs, exitCode: image === 'fails' ? 3 : 0 } };
}

async function begin(job: Job, fate: (pod: Pod) => PodFate = fateOf): Promise<ControlPlane> {
  const plane = await controlPlane({ seed: 1, controllers: [jobController()], fateOf: fate });
  for (const kind of [POD, JOB, EVENT]) plane.all(kind);
  await plane.apply(job);
  await plane.clock.run(0);
  return plane;
}

const job = (plane: ControlPlane): Job | undefined => plane.all<Job>(JOB)[0];
const active = (plane: ControlPlane): number => plane.all<Pod>(POD).filter(isPodActive).length;
const held = (plane: ControlPlane): number =>
  plane.all<Pod>(POD).filter(({ metadata }) => metadata.finalizers?.includes(TRACKING_FINALIZER)).length;
const conditions = (plane: ControlPlane): readonly string[] =>
  (job(plane)?.status?.conditions ?? [])
    .filter(({ status }) => status === 'True')
    .map(({ type, reason }) => `${type} ${reason}`);
const reasons = (plane: ControlPlane): readonly string[] => [
  ...new Set(plane.all<Event>(EVENT).map(({ reason = '' }) => reason)),
];

async function until(plane: ControlPlane, type: string, withinMs: DurationMs = hourMs): Promise<void> {
  const is = (): boolean => conditionOf(job(plane)?.status?.conditions, type)?.status === 'True';
  await plane.clock.runUntil(is, { withinMs, what: type });
  await plane.clock.run(secondMs);
}

test('a Job without numbers runs one pod, and is complete when it succeeded', async (t) => {
  const plane = await begin(work());
  await plane.clock.run(5 * secondMs);
  t.like(job(plane)?.status, { active: 1, ready: 1, terminating: 0, startTime: '2026-01-05T00:00:00Z' });
  t.is(held(plane), 1);
  await until(plane, 'Complete');
  t.deepEqual(conditions(plane), ['SuccessCriteriaMet CompletionsReached', 'Complete CompletionsReached']);
  t.like(job(plane)?.status, { succeeded: 1, ready: 0, completionTime: '2026-01-05T00:00:10Z' });
  t.is(job(plane)?.status?.active, undefined);
  t.is(held(plane), 0);
  t.deepEqual(reasons(plane).toSorted(), ['Completed', 'Scheduled', 'SuccessfulCreate']);
  const before = plane.changes();
  await plane.clock.run(hourMs);
  t.is(plane.changes(), before, 'nothing is written any more');
  await plane.stop();
});

test('ten completions, three at a time: never more than three run, and ten are counted', async (t) => {
  const plane = await begin(work({ completions: 10, parallelism: 3 }));
  let most = 0;
  await plane.clock.runUntil(
    () => {
      most = Math.max(most, active(plane));
      return conditions(plane).length === 2;
    },
    { withinMs: hourMs, what: 'the end' },
  );
  t.is(most, 3);
  t.is(job(plane)?.status?.succeeded, 10);
  t.is(plane.all(POD).length, 10);
  await plane.stop();
});

test('a work queue is done when one pod succeeded and the others ended by themselves; none is begun any more', async (t) => {
  const made = new Set<string>();
  const plane = await begin(work({ parallelism: 3 }), (pod) => {
    made.add(pod.metadata.uid ?? '');
    const place = [...made].indexOf(pod.metadata.uid ?? '') + 1;
    return { ...fateOf(pod), ends: { afterMs: place * 10 * secondMs, exitCode: 0 } };
  });
  await plane.clock.run(15 * secondMs);
  t.like(job(plane)?.status, { active: 2, succeeded: 1 });
  await until(plane, 'Complete');
  t.is(job(plane)?.status?.succeeded, 3);
  t.is(plane.all(POD).length, 3);
  await plane.stop();
});

test('pods that fail are made again after 10, 20, 40 seconds, and past the limit the Job fails', async (t) => {
  const plane = await begin(work({ image: 'fails', backoffLimit: 3 }));
  await until(plane, 'Failed');
  const startedAt = plane
    .all<Pod>(POD)
    .map(({ status }) => (Date.parse(status?.startTime ?? '') - Date.UTC(2026, 0, 5)) / secondMs)
    .toSorted((a, b) => a - b);
  // Each works for ten seconds, then waits: 10 + 10, + 10 + 20, + 10 + 40.
  t.deepEqual(startedAt, [0, 20, 50, 100]);
  t.deepEqual(conditions(plane), ['FailureTarget BackoffLimitExceeded', 'Failed BackoffLimitExceeded']);
  t.like(job(plane)?.status, { failed: 4 });
  t.is(job(plane)?.status?.completionTime, undefined);
  t.true(reasons(plane).includes('BackoffLimitExceeded'));
  await plane.stop();
});

test('past its deadline a Job stops its pods first and has failed once they are gone', async (t) => {
  const plane = await begin(work({ image: 'runs', parallelism: 2, activeDeadlineSeconds: 60 }));
  await until(plane, 'FailureTarget', 61 * secondMs);
  t.is(active(plane), 0);
  t.deepEqual(conditions(plane), ['FailureTarget DeadlineExceeded']);
  t.is(job(plane)?.status?.terminating, 2);
  await until(plane, 'Failed', 10 * secondMs);
  t.like(job(plane)?.status, { failed: 2, terminating: 0 });
  t.is(plane.all(POD).length, 0, 'no finalizer holds a pod');
  await plane.stop();
});

test('a suspended Job has no pods and no clock; what it took away is no failure', async (t) => {
  const plane = await begin(work({ image: 'runs', activeDeadlineSeconds: 100, backoffLimit: 0 }));
  await plane.clock.run(30 * secondMs);
  t.is(active(plane), 1);
  const live = job(plane);
  await plane.apply({ ...work(), spec: { ...live?.spec, suspend: true } });
  await plane.clock.run(hourMs);
  t.is(plane.all(POD).length, 0);
  t.deepEqual(conditions(plane), ['Suspended JobSuspended']);
  t.is(job(plane)?.status?.failed, undefined);
  await plane.apply({ ...work(), spec: { ...live?.spec, suspend: false } });
  await plane.clock.run(50 * secondMs);
  t.is(active(plane), 1);
  t.is(job(plane)?.status?.startTime, '2026-01-05T01:00:30Z');
  t.deepEqual(conditions(plane), []);
  await until(plane, 'Failed');
  t.deepEqual(conditions(plane), ['FailureTarget DeadlineExceeded', 'Failed DeadlineExceeded']);
  t.deepEqual(
    ['Suspended', 'Resumed'].filter((reason) => !reasons(plane).includes(reason)),
    [],
  );
  await plane.stop();
});

test('an indexed Job runs every index once, lowest first, and a failed index again', async (t) => {
  const tries = new Map<string, Set<string>>();
  const plane = await begin(work({ completionMode: 'Indexed', completions: 5, parallelism: 2 }), (pod) => {
    const index = pod.metadata.annotations?.[podNames.index] ?? '';
    const pods = (tries.get(index) ?? new Set<string>()).add(pod.metadata.uid ?? '');
    tries.set(index, pods);
    const exitCode = index === '1' && pods.size === 1 ? 1 : 0;
    return { ...fateOf(pod), ends: { afterMs: 10 * secondMs, exitCode } };
  });
  const [first] = plane.all<Pod>(POD);
  t.regex(first?.metadata.name ?? '', /^work-0-[a-z0-9]{5}$/);
  t.is(first?.spec.hostname, 'work-0');
  t.is(first?.metadata.labels?.[podNames.index], '0');
  t.deepEqual(
    first?.spec.containers[0]?.env?.map(({ name }) => name),
    ['JOB_COMPLETION_INDEX'],
  );
  await plane.clock.run(11 * secondMs);
  t.like(job(plane)?.status, { completedIndexes: '0', succeeded: 1, failed: 1 });
  await until(plane, 'Complete');
  t.like(job(plane)?.status, { completedIndexes: '0-4', succeeded: 5, failed: 1 });
  const counts = [...tries].map(([index, pods]) => `${index}: ${pods.size}`);
  t.deepEqual(counts.toSorted(), ['0: 1', '1: 2', '2: 1', '3: 1', '4: 1']);
  await plane.stop();
});

test('indexes with limits of their own fail by themselves, and the others go on', async (t) => {
  const limitsOfTheirOwn = {
    completionMode: 'Indexed',
    completions: 3,
    parallelism: 3,
    backoffLimitPerIndex: 1,
  };
  const plane = await begin(work(limitsOfTheirOwn), (pod) => {
    const exitCode = pod.metadata.annotations?.[podNames.index] === '1' ? 1 : 0;
    return { ...fateOf(pod), ends: { afterMs: 10 * secondMs, exitCode } };
  });
  await until(plane, 'Failed');
  t.like(job(plane)?.status, { completedIndexes: '0,2', failedIndexes: '1', succeeded: 2, failed: 2 });
  t.deepEqual(conditions(plane), ['FailureTarget FailedIndexes', 'Failed FailedIndexes']);
  const counts = plane.all<Pod>(POD).map(({ metadata }) => metadata.annotations?.[podNames.indexFailures]);
  t.deepEqual(counts.toSorted(), ['0', '0', '0', '1']);
  await plane.stop();
});

test('a success policy ends the Job while other pods still run, and they are no failures', async (t) => {
  const policy = { completionMode: 'Indexed', completions: 3, parallelism: 3 };
  const plane = await begin(
    work({ ...policy, successPolicy: { rules: [{ succeededIndexes: '0' }] } }),
    (pod) => ({
      ...fateOf(pod),
      ends: { afterMs: pod.metadata.annotations?.[podNames.index] === '0' ? secondMs : hourMs, exitCode: 0 },
    }),
  );
  await until(plane, 'Complete');
  t.deepEqual(conditions(plane), ['SuccessCriteriaMet SuccessPolicy', 'Complete SuccessPolicy']);
  t.like(job(plane)?.status, { succeeded: 1, completedIndexes: '0' });
  t.is(job(plane)?.status?.failed, undefined);
  t.is(plane.all(POD).length, 1);
  await plane.stop();
});

const policies = [
  { action: 'Ignore', expected: { pods: 3, failed: undefined, ended: false } },
  { action: 'FailJob', expected: { pods: 1, failed: 1, ended: true } },
  { action: 'Count', expected: { pods: 1, failed: 1, ended: true } },
];
for (const { action, expected } of policies) {
  test(`a pod failure policy that says ${action} is followed`, async (t) => {
    const rules = [{ action, onExitCodes: { operator: 'In', values: [3] } }];
    const plane = await begin(work({ image: 'fails', backoffLimit: 0, podFailurePolicy: { rules } }));
    await plane.clock.run(55 * secondMs);
    t.is(plane.all(POD).length, expected.pods);
    t.is(job(plane)?.status?.failed, expected.failed);
    t.is(conditions(plane).includes('Failed PodFailurePolicy'), action === 'FailJob');
    t.is(conditions(plane).length > 0, expected.ended);
    await plane.stop();
  });
}

test('containers that are restarted in place count towards the limit', async (t) => {
  const template = {
    spec: { restartPolicy: 'OnFailure', containers: [{ name: 'main', image: 'runs' }] },
  };
  const plane = await begin(work({ backoffLimit: 2, template }));
  const restart = async (restartCount: number): Promise<void> => {
    await plane.clock.run(5 * secondMs);
    const [pod] = plane.all<Pod>(POD);
    if (pod === undefined) return t.fail();
    const container = { name: 'main', image: 'runs', imageID: '', ready: false, restartCount };
    const status = { ...pod.status, containerStatuses: [container] };
    await plane.client.update({ ...pod, status }, plane.caller, { subresource: 'status' });
    await plane.clock.run(secondMs);
  };
  await restart(1);
  t.deepEqual(conditions(plane), []);
  await restart(2);
  await until(plane, 'Failed', minuteMs);
  t.deepEqual(conditions(plane), ['FailureTarget BackoffLimitExceeded', 'Failed BackoffLimitExceeded']);
  await plane.stop();
});

test('after its time a Job that ended is deleted, and its pods go with it', async (t) => {
  const plane = await begin(work({ ttlSecondsAfterFinished: 60 }));
  const garbage = startGarbageCollector(plane.client, plane.clock, silentLog());
  await until(plane, 'Complete');
  await plane.clock.run(55 * secondMs);
  t.is(plane.all(JOB).length, 1);
  await plane.clock.run(10 * secondMs);
  t.is(plane.all(JOB).length, 0);
  t.is(plane.all(POD).length, 0);
  await garbage.stop();
  await plane.stop();
});

for (const propagation of ['Background', 'Foreground'] as const) {
  test(`a Job deleted in the middle (${propagation}) takes its pods along; a new one of its name begins anew`, async (t) => {
    const plane = await begin(work({ image: 'runs', parallelism: 2 }));
    const garbage = startGarbageCollector(plane.client, plane.clock, silentLog());
    await plane.clock.run(5 * secondMs);
    const ref = { ...JOB, namespace: 'default', name: 'work' };
    await plane.client.delete(ref, { propagation }, plane.caller);
    await plane.clock.run(minuteMs);
    t.is(plane.all(JOB).length, 0);
    t.is(plane.all(POD).length, 0);
    await plane.apply(work());
    await until(plane, 'Complete');
    t.is(job(plane)?.status?.succeeded, 1);
    await garbage.stop();
    await plane.stop();
  });
}

test('fewer at a time: the surplus goes without counting, and a pod deleted by hand counts and comes again', async (t) => {
  const plane = await begin(work({ image: 'runs', completions: 8, parallelism: 4 }));
  await plane.clock.run(5 * secondMs);
  const spec = { ...job(plane)?.spec, parallelism: 1 };
  await plane.apply({ ...work(), spec });
  await plane.clock.run(5 * secondMs);
  t.is(plane.all(POD).length, 1);
  t.is(job(plane)?.status?.failed, undefined);
  const [name = ''] = plane.all<Pod>(POD).map(({ metadata }) => metadata.name);
  await plane.client.delete({ ...POD, namespace: 'default', name }, {}, plane.caller);
  await plane.clock.run(minuteMs);
  t.like(job(plane)?.status, { failed: 1, active: 1 });
  t.not(plane.all<Pod>(POD)[0]?.metadata.name, name);
  await plane.stop();
});
