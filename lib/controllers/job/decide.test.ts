import test from 'ava';
import fc from 'fast-check';
import { hourMs, minuteMs, secondMs, toRfc3339 } from '../../base/clock.ts';
import { isPodActive } from '../../schema/pod-conditions.ts';
import type { Job, JobSpec, JobStatus, Pod, PodCondition } from '../../schema/types.gen.ts';
import { tries } from '../../testing/thoroughness.ts';
import { completionIndexOf } from './completion-index.ts';
import { decideJob, type JobAction } from './decide.ts';
import { finalCondition } from './ending.ts';
import { podNames, TRACKING_FINALIZER } from './names.ts';
import { newJobPod } from './new-pod.ts';

const NOW = Date.parse('2026-01-05T12:00:00Z');
const ago = (ms: number): string => toRfc3339(NOW - ms);

function jobOf(spec: Partial<JobSpec>, status: JobStatus = {}, metadata: Partial<Job['metadata']> = {}): Job {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'work', namespace: 'default', uid: 'job', ...metadata },
    spec: {
      completions: 3,
      parallelism: 2,
      backoffLimit: 1,
      podReplacementPolicy: 'TerminatingOrFailed',
      selector: { matchLabels: { job: 'work' } },
      template: { metadata: { name: '', labels: { job: 'work' } }, spec: { containers: [] } },
      ...spec,
    },
    status: { startTime: ago(minuteMs), ...status },
  };
}

type PodIs = {
  readonly phase?: string;
  readonly counted?: boolean;
  readonly owner?: string | null;
  /** Failures of its index before it. */
  readonly failures?: number;
  readonly exitCode?: number;
  readonly conditions?: readonly PodCondition[];
  readonly restarts?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly index?: string;
  readonly endedAgoMs?: number;
  readonly going?: boolean;
  readonly takenAway?: boolean;
};

function pod(name: string, is: PodIs = {}): Pod {
  const { owner = 'job', phase = 'Running', endedAgoMs = hourMs } = is;
  const terminated = { exitCode: phase === 'Failed' ? (is.exitCode ?? 1) : 0, finishedAt: ago(endedAgoMs) };
  const container = { name: 'main', image: '', imageID: '', ready: false, restartCount: 0 };
  const reference = { apiVersion: 'batch/v1', kind: 'Job', name: 'work', uid: owner ?? '', controller: true };
  const annotations = {
    ...(is.index !== undefined && { [podNames.index]: is.index }),
    ...(is.failures !== undefined && { [podNames.indexFailures]: String(is.failures) }),
    ...(is.takenAway === true && { [podNames.takenAway]: 'true' }),
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      labels: is.labels ?? { job: 'work' },
      annotations,
      ...(is.counted !== true && { finalizers: [TRACKING_FINALIZER] }),
      ...(owner !== null && { ownerReferences: [reference] }),
      ...(is.going === true && { deletionTimestamp: ago(-30_000), deletionGracePeriodSeconds: 30 }),
    },
    spec: { containers: [], nodeName: 'node-1' },
    status: {
      phase,
      ...((phase === 'Failed' || phase === 'Succeeded') && {
        containerStatuses: [{ ...container, state: { terminated } }],
      }),
      ...(is.restarts !== undefined && {
        containerStatuses: [{ ...container, restartCount: is.restarts }],
      }),
      ...(is.conditions !== undefined && { conditions: is.conditions }),
    },
  };
}

function text(action: JobAction): string {
  if (action.do === 'delete-job') return action.do;
  if (action.do !== 'create') return `${action.do} ${action.pod.metadata.name}`;
  return action.pod.index === null ? 'create' : `create ${action.pod.index}`;
}

const indexed = { completionMode: 'Indexed', completions: 3, backoffLimit: 1_000 } as const;
const perIndex = { ...indexed, backoffLimitPerIndex: 1 } as const;
const disrupted = [{ type: 'DisruptionTarget', status: 'True' }];
const rule = (action: string, on: object) => ({ podFailurePolicy: { rules: [{ action, ...on }] } });
const isSuspended = { type: 'Suspended', status: 'True', reason: 'JobSuspended', lastTransitionTime: ago(0) };
const failed = { type: 'Failed', status: 'True', lastTransitionTime: ago(minuteMs) };
const rows: readonly {
  readonly title: string;
  readonly job?: Job;
  readonly pods?: readonly Pod[];
  readonly actions: readonly string[];
  readonly status?: Partial<JobStatus>;
  /** The Job ends or has ended so. */
  readonly as?: readonly string[];
  readonly requeueInMs?: number | null;
}[] = [
  { title: 'a new Job gets as many pods as may run at once', actions: ['create', 'create'] },
  {
    title: 'no more pods than are still wanted',
    job: jobOf({}, { succeeded: 2 }),
    actions: ['create'],
    status: { succeeded: 2 },
  },
  {
    title: 'what has ended is counted as it is let go, and the next comes in its place',
    pods: [pod('a', { phase: 'Succeeded' }), pod('b')],
    actions: ['let-go a', 'create'],
    status: { succeeded: 1, active: 1 },
  },
  {
    title: 'what is counted already is not counted again',
    job: jobOf({}, { succeeded: 1 }),
    pods: [pod('a', { phase: 'Succeeded', counted: true }), pod('b'), pod('c')],
    actions: [],
    status: { succeeded: 1, active: 2 },
  },
  {
    title: 'after a failure the next waits, from the end of the failed one',
    pods: [pod('a', { phase: 'Failed', endedAgoMs: 3 * secondMs }), pod('b')],
    actions: ['let-go a'],
    status: { failed: 1, active: 1 },
    requeueInMs: 7 * secondMs,
  },
  {
    title: 'what the Job took away itself is no failure to wait for',
    pods: [pod('a', { phase: 'Failed', endedAgoMs: secondMs, counted: true, takenAway: true })],
    actions: ['create', 'create'],
    status: { failed: undefined },
  },
  {
    title: 'a pod that is being deleted has failed, unless only ended ones are replaced',
    pods: [pod('a', { going: true }), pod('b')],
    actions: ['let-go a'],
    status: { failed: 1, terminating: 1 },
    requeueInMs: 10 * secondMs,
  },
  {
    title: 'where only ended pods are replaced, one that goes keeps its place',
    job: jobOf({ podReplacementPolicy: 'Failed' }),
    pods: [pod('a', { going: true }), pod('b')],
    actions: [],
    status: { failed: undefined, terminating: 1 },
  },
  {
    title: 'one failure more than allowed: the rest is stopped, and the Job is about to fail',
    job: jobOf({}, { failed: 1 }),
    pods: [pod('a', { phase: 'Failed' }), pod('b')],
    actions: ['let-go a', 'stop b'],
    status: { failed: 2, active: undefined },
    as: ['FailureTarget BackoffLimitExceeded'],
  },
  {
    title: 'a deadline that has passed says more than the failures do',
    job: jobOf({ activeDeadlineSeconds: 60, backoffLimit: 0 }),
    pods: [pod('a', { phase: 'Failed' })],
    actions: ['let-go a'],
    as: ['FailureTarget DeadlineExceeded', 'Failed DeadlineExceeded'],
  },
  {
    title: 'a deadline that has not is waited for',
    job: jobOf({ activeDeadlineSeconds: 100 }),
    pods: [pod('a'), pod('b')],
    actions: [],
    requeueInMs: 40 * secondMs,
  },
  {
    title: 'the last success ends the Job at once when nothing runs',
    job: jobOf({}, { succeeded: 2 }),
    pods: [pod('a', { phase: 'Succeeded' })],
    actions: ['let-go a'],
    status: { succeeded: 3, completionTime: ago(0) },
    as: ['SuccessCriteriaMet CompletionsReached', 'Complete CompletionsReached'],
  },
  {
    title: 'with enough successes what still runs is taken away first',
    job: jobOf({ parallelism: 4 }, { succeeded: 2 }),
    pods: [pod('a', { phase: 'Succeeded' }), pod('b')],
    actions: ['let-go a', 'take-away b'],
    status: { succeeded: 3, completionTime: undefined },
    as: ['SuccessCriteriaMet CompletionsReached'],
  },
  {
    title: 'no completions wanted: complete without a pod',
    job: jobOf({ completions: 0 }),
    actions: [],
    as: ['SuccessCriteriaMet CompletionsReached', 'Complete CompletionsReached'],
  },
  { title: 'no pods at once: nothing happens', job: jobOf({ parallelism: 0 }), actions: [] },
  {
    title: 'a pod of nobody that matches is adopted and counts from the next look on',
    pods: [pod('a', { owner: null }), pod('b', { labels: { job: 'other' } })],
    actions: ['adopt a', 'release b', 'create', 'create'],
  },
  {
    title: 'the lowest free indexes are begun, and a doubled one goes',
    job: jobOf({ completionMode: 'Indexed', completions: 6, parallelism: 3 }, { completedIndexes: '0,2' }),
    pods: [pod('a', { index: '1' }), pod('b', { index: '3' })],
    actions: ['create 4'],
    status: { completedIndexes: '0,2', succeeded: 2 },
  },
  {
    title: 'a work queue: as many as may run, however many have to be done',
    job: jobOf({ completions: undefined }),
    actions: ['create', 'create'],
  },
  {
    title: 'a work queue: when one succeeded the others end by themselves, and none is begun',
    job: jobOf({ completions: undefined }),
    pods: [pod('a', { phase: 'Succeeded' }), pod('b')],
    actions: ['let-go a'],
    status: { succeeded: 1, active: 1 },
  },
  {
    title: 'a work queue: done when nothing runs any more, though the last one failed',
    job: jobOf({ completions: undefined }, { succeeded: 1 }),
    pods: [pod('b', { phase: 'Failed' })],
    actions: ['let-go b'],
    status: { succeeded: 1, failed: 1 },
    as: ['SuccessCriteriaMet CompletionsReached', 'Complete CompletionsReached'],
  },
  {
    title: 'suspended: what runs is taken away, and that is no failure',
    job: jobOf({ suspend: true, activeDeadlineSeconds: 100 }),
    pods: [pod('a'), pod('b')],
    actions: ['take-away a', 'take-away b'],
    status: { active: undefined, failed: undefined },
    as: ['Suspended JobSuspended'],
    requeueInMs: null,
  },
  {
    title: 'resumed: its time begins anew',
    job: jobOf({ activeDeadlineSeconds: 100 }, { startTime: ago(hourMs), conditions: [isSuspended] }),
    actions: ['create', 'create'],
    status: { startTime: ago(0) },
    as: ['Suspended JobResumed'],
    requeueInMs: 100 * secondMs,
  },
  {
    title: 'created suspended it has not begun',
    job: { ...jobOf({ suspend: true }), status: {} },
    actions: [],
    status: { startTime: undefined },
    as: ['Suspended JobSuspended'],
  },
  {
    title: 'a container restarted in place as often as allowed: the Job fails',
    job: jobOf({
      backoffLimit: 2,
      template: { spec: { containers: [], restartPolicy: 'OnFailure' } },
    }),
    pods: [pod('a', { restarts: 2 })],
    actions: ['stop a'],
    as: ['FailureTarget BackoffLimitExceeded'],
  },
  {
    title: 'restarts of pods that are never restarted in place say nothing',
    job: jobOf({ backoffLimit: 2, parallelism: 1 }),
    pods: [pod('a', { restarts: 2 })],
    actions: [],
  },
  {
    title: 'limits per index: a failed index waits by itself, the others go on',
    job: jobOf(perIndex),
    pods: [pod('a', { index: '0', phase: 'Failed', endedAgoMs: 3 * secondMs }), pod('b', { index: '1' })],
    actions: ['let-go a', 'create 2'],
    status: { failed: 1 },
    requeueInMs: 7 * secondMs,
  },
  {
    title: 'limits per index: past its limit an index has failed for good',
    job: jobOf(perIndex),
    pods: [pod('a', { index: '0', phase: 'Failed', failures: 1 }), pod('b', { index: '1' })],
    actions: ['let-go a', 'create 2'],
    status: { failed: 1, failedIndexes: '0' },
  },
  {
    title: 'limits per index: the Job fails when every index has come to its end',
    job: jobOf(perIndex, { succeeded: 2, completedIndexes: '1,2' }),
    pods: [pod('a', { index: '0', phase: 'Failed', failures: 1 })],
    actions: ['let-go a'],
    status: { failedIndexes: '0', completedIndexes: '1,2' },
    as: ['FailureTarget FailedIndexes', 'Failed FailedIndexes'],
  },
  {
    title: 'more failed indexes than allowed: the rest is stopped',
    job: jobOf({ ...perIndex, maxFailedIndexes: 0 }),
    pods: [pod('a', { index: '0', phase: 'Failed', failures: 1 }), pod('b', { index: '1' })],
    actions: ['let-go a', 'stop b'],
    as: ['FailureTarget MaxFailedIndexesExceeded'],
  },
  {
    title: 'a rule may give up an index at its first failure',
    job: jobOf({
      ...perIndex,
      ...rule('FailIndex', { onExitCodes: { operator: 'In', values: [42] } }),
    }),
    pods: [pod('a', { index: '0', phase: 'Failed', exitCode: 42 }), pod('b', { index: '1' })],
    actions: ['let-go a', 'create 2'],
    status: { failedIndexes: '0' },
  },
  {
    title: 'a rule may end the Job: what runs is stopped',
    job: jobOf(rule('FailJob', { onExitCodes: { operator: 'In', values: [42] } })),
    pods: [pod('a', { phase: 'Failed', exitCode: 42 }), pod('b')],
    actions: ['let-go a', 'stop b'],
    status: { failed: 1 },
    as: ['FailureTarget PodFailurePolicy'],
  },
  {
    title: 'a rule may leave disruptions out of the count',
    job: jobOf({ backoffLimit: 0, ...rule('Ignore', { onPodConditions: [disrupted[0]] }) }),
    pods: [pod('a', { phase: 'Failed', conditions: disrupted })],
    actions: ['let-go a', 'create', 'create'],
    status: { failed: undefined },
  },
  {
    title: 'where rules speak of failures a pod that goes is not replaced before it has ended',
    job: jobOf(rule('Ignore', { onPodConditions: [disrupted[0]] })),
    pods: [pod('a', { going: true, conditions: disrupted }), pod('b')],
    actions: [],
    status: { failed: undefined, terminating: 1 },
  },
  {
    title: 'a success policy: the index that was asked for is enough, and the rest is taken away',
    job: jobOf({ ...indexed, successPolicy: { rules: [{ succeededIndexes: '0' }] } }),
    pods: [pod('a', { index: '0', phase: 'Succeeded' }), pod('b', { index: '1' })],
    actions: ['let-go a', 'take-away b'],
    status: { succeeded: 1, completedIndexes: '0' },
    as: ['SuccessCriteriaMet SuccessPolicy'],
  },
  {
    title: 'an indexed Job that is made smaller forgets what is beyond, and is complete',
    job: jobOf({ ...indexed, completions: 2, parallelism: 2 }, { succeeded: 3, completedIndexes: '0-2' }),
    pods: [pod('d', { index: '3' })],
    actions: ['take-away d'],
    status: { succeeded: 2, completedIndexes: '0,1' },
    as: ['SuccessCriteriaMet CompletionsReached'],
  },
  {
    title: 'after its end a Job lets go of every pod before anything else',
    job: jobOf({ ttlSecondsAfterFinished: 0 }, { conditions: [failed] }),
    pods: [pod('a', { phase: 'Failed' })],
    actions: ['let-go a'],
    as: ['Failed undefined'],
  },
  {
    title: 'after its time a Job that ended is deleted',
    job: jobOf({ ttlSecondsAfterFinished: 60 }, { conditions: [failed] }),
    actions: ['delete-job'],
    as: ['Failed undefined'],
  },
  {
    title: 'before its time it is not',
    job: jobOf({ ttlSecondsAfterFinished: 90 }, { conditions: [failed] }),
    actions: [],
    as: ['Failed undefined'],
    requeueInMs: 30 * secondMs,
  },
  {
    title: 'a Job that is being deleted holds nobody and makes nothing',
    job: jobOf({}, {}, { deletionTimestamp: ago(0) }),
    pods: [pod('a'), pod('b', { phase: 'Failed', counted: true })],
    actions: ['let-go a'],
  },
];

for (const { title, job = jobOf({}), pods = [], actions, status, as = [], requeueInMs } of rows) {
  test(`decide: ${title}`, (t) => {
    const decision = decideJob({ job, candidates: pods }, NOW);
    t.deepEqual(decision.actions.map(text), actions);
    if (status !== undefined) t.like(decision.status, status);
    const said = (decision.status.conditions ?? []).map(({ type, reason }) => `${type} ${reason}`);
    t.deepEqual(said, as);
    if (requeueInMs !== undefined)
      t.is(decision.requeueAtMs, requeueInMs === null ? null : NOW + requeueInMs);
  });
}

type World = { job: Job; pods: Pod[]; now: number; made: number };

/** Does at once what was decided, as the API would: what is let go while it goes is gone. */
function carryOut(world: World): void {
  const { actions, status } = decideJob({ job: world.job, candidates: world.pods }, world.now);
  const change = (pod: Pod, metadata: Partial<Pod['metadata']>): void => {
    world.pods = world.pods.map((each) =>
      each.metadata.uid === pod.metadata.uid
        ? { ...each, metadata: { ...each.metadata, ...metadata } }
        : each,
    );
  };
  let created = 0;
  for (const action of actions) {
    if (action.do === 'let-go') change(action.pod, { finalizers: [] });
    if (action.do === 'take-away') world.pods = world.pods.filter((each) => each !== action.pod);
    if (action.do === 'stop')
      change(action.pod, { deletionTimestamp: toRfc3339(world.now), deletionGracePeriodSeconds: 0 });
    if (action.do !== 'create') continue;
    created += 1;
    world.made += 1;
    const made = newJobPod(world.job, action.pod);
    const name = `pod-${world.made}`;
    const metadata = { ...made.metadata, name, uid: name, creationTimestamp: toRfc3339(world.now) };
    world.pods.push({ ...made, metadata, status: { phase: 'Running' } });
  }
  const active = (status.active ?? 0) + created;
  world.job = { ...world.job, status: { ...status, ...(active > 0 && { active }) } };
}

const specs = fc.record({
  completions: fc.integer({ min: 0, max: 6 }),
  parallelism: fc.integer({ min: 1, max: 4 }),
  backoffLimit: fc.integer({ min: 0, max: 8 }),
  completionMode: fc.constantFrom('NonIndexed', 'Indexed'),
});
const happenings = fc.array(
  fc.record({
    what: fc.constantFrom('succeeds', 'succeeds', 'fails', 'time', 'look', 'suspend', 'resume'),
    which: fc.nat(3),
  }),
  { maxLength: 60 },
);

test('property: whatever happens, no more pods run than may, and what ended is counted once', (t) => {
  fc.assert(
    fc.property(specs, happenings, (spec, happens) => {
      const world: World = { job: jobOf(spec, { startTime: undefined }), pods: [], now: NOW, made: 0 };
      const outcomes = new Map<string, { readonly succeeded: boolean; readonly index: number | null }>();
      carryOut(world);
      for (const { what, which } of happens) {
        const running = world.pods.filter(isPodActive);
        const chosen = running[which % Math.max(1, running.length)];
        if (what === 'time') world.now += 11 * minuteMs;
        else if (what === 'suspend' || what === 'resume')
          world.job = { ...world.job, spec: { ...world.job.spec, suspend: what === 'suspend' } };
        else if (what !== 'look' && chosen !== undefined) {
          const succeeded = what === 'succeeds';
          const index = completionIndexOf(chosen, spec.completions);
          outcomes.set(chosen.metadata.name, { succeeded, index });
          const status = { phase: succeeded ? 'Succeeded' : 'Failed' };
          world.pods = world.pods.map((each) => (each === chosen ? { ...each, status } : each));
          // The look comes late now and then: several end in between.
          if (which === 3) continue;
        }
        carryOut(world);
        carryOut(world);
        const active = world.pods.filter(isPodActive);
        t.true(active.length <= spec.parallelism);
        t.is(world.job.status?.active ?? 0, active.length, 'the status says what runs');
        if (world.job.spec.suspend === true) t.is(active.length, 0);
        const ended = [...outcomes.values()];
        const successes = ended.filter(({ succeeded }) => succeeded);
        const distinct = new Set(successes.map(({ index }) => index)).size;
        const succeeded = spec.completionMode === 'Indexed' ? distinct : successes.length;
        t.is(world.job.status?.succeeded ?? 0, succeeded);
        if (finalCondition(world.job)?.type === 'Complete') t.is(succeeded, spec.completions);
        const held = world.pods.filter(({ metadata }) => (metadata.finalizers ?? []).length > 0);
        t.is(held.length, active.length, 'only what runs is held');
      }
    }),
    { numRuns: tries(200) },
  );
});
