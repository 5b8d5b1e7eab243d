import { type EpochMs, fromRfc3339, secondMs, toRfc3339 } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import { conditionOf, setCondition } from '../../schema/conditions.ts';
import { isPodReady } from '../../schema/pod-conditions.ts';
import type { Job, JobCondition, JobStatus, Pod } from '../../schema/types.gen.ts';
import { claim } from '../harness/claim.ts';
import { type Decision, earlier } from '../harness/decision.ts';
import { deadlineOf, type Ending, endingOf, finalCondition, interimOf } from './ending.ts';
import { type FillUp, fillUp, type NewJobPod } from './fill-up.ts';
import { formatIndexes } from './index-set.ts';
import { isTracked, type PodsOfJob, podsOfJob } from './pods-of-job.ts';
import { completionsOf, type Tally, tally } from './tally.ts';

export type JobAction =
  | { readonly do: 'adopt'; readonly pod: Pod }
  | { readonly do: 'release'; readonly pod: Pod }
  /** The status counts it now (or nobody will): it is held no longer. */
  | { readonly do: 'let-go'; readonly pod: Pod }
  /** Deletes it, and that is no failure. */
  | { readonly do: 'take-away'; readonly pod: Pod }
  /** Deletes it, and it counts as failed. */
  | { readonly do: 'stop'; readonly pod: Pod }
  | { readonly do: 'create'; readonly pod: NewJobPod }
  /** The Job itself, whose time after its end is over. */
  | { readonly do: 'delete-job' };

export type JobWait = 'PodsFinished' | 'PodsGone' | 'BackOff' | 'Resumed';
/** `status.active` is as it will be without the pods that are to be created. */
export type JobDecision = Decision<JobAction, JobStatus, JobWait>;

export type JobInput = {
  readonly job: Job;
  /** The pods it controls, and those in its namespace that nobody does. */
  readonly candidates: readonly Pod[];
};

/**
 * Decides what a Job does next. A pod is counted in the status in the same transaction that takes its finalizer off: exactly
 * once, whatever happens in between. Source: upstream syncJob, whose list of uncounted pods bridges two writes and is not needed here.
 */
export function decideJob({ job, candidates }: JobInput, now: EpochMs): JobDecision {
  const claims = claim(job, job.spec.selector ?? {}, candidates);
  if (job.metadata.deletionTimestamp !== undefined) return over(job, claims.owned, null);
  const owning: readonly JobAction[] = [
    ...claims.adopt.map((pod) => ({ do: 'adopt', pod }) as const),
    ...claims.release.map((pod) => ({ do: 'release', pod }) as const),
  ];
  const ended = finalCondition(job);
  if (ended !== undefined) return afterEnd(job, claims.owned, now);
  // What is adopted is looked at once it is held.
  const pods = podsOfJob(job, claims.owned);
  const counted = pods.uncounted.slice(0, limits.jobPodsPerPassMax);
  const count = tally(job, counted);
  const letGo = counted.map(({ pod }) => ({ do: 'let-go', pod }) as const);
  const before: Step = { job, pods, count, now, actions: [...owning, ...letGo] };
  // With more to count than one transaction takes, nothing is known yet. The write of the status brings us back.
  if (pods.uncounted.length > counted.length) return decision(before, { conditions: conditionsOf(job) });
  const ending = endingOf(job, pods, count, now);
  if (ending !== null) return end(before, ending);
  return job.spec.suspend === true ? suspended(before) : goOn(before);
}

type Step = {
  readonly job: Job;
  readonly pods: PodsOfJob;
  readonly count: Tally;
  readonly now: EpochMs;
  readonly actions: readonly JobAction[];
};

type Next = {
  readonly conditions: readonly JobCondition[];
  readonly startTime?: string | undefined;
  readonly completionTime?: string;
  readonly actions?: readonly JobAction[];
  /** Active pods that go. */
  readonly going?: readonly Pod[];
  readonly waitingOn?: readonly JobWait[];
  readonly requeueAtMs?: EpochMs | null;
  readonly notes?: JobDecision['notes'];
};

const conditionsOf = ({ status }: Job): readonly JobCondition[] => status?.conditions ?? [];

function decision({ job, pods, count, actions }: Step, next: Next): JobDecision {
  const going = new Set(next.going);
  const active = pods.active.filter((pod) => !going.has(pod));
  const indexed = completionsOf(job) !== null;
  const startTime = next.startTime ?? job.status?.startTime;
  const number = (key: string, value: number): object => (value > 0 ? { [key]: value } : {});
  const indexes = (key: string, text: string): object => (text !== '' ? { [key]: text } : {});
  return {
    actions: [...actions, ...(next.actions ?? [])],
    status: {
      ...number('active', active.length),
      ...(indexed && indexes('completedIndexes', formatIndexes(count.completedIndexes))),
      ...(next.completionTime !== undefined && { completionTime: next.completionTime }),
      ...(next.conditions.length > 0 && { conditions: next.conditions }),
      ...number('failed', count.failed),
      ...(indexed && indexes('failedIndexes', formatIndexes(count.failedIndexes))),
      ready: active.filter(isPodReady).length,
      ...(startTime !== undefined && { startTime }),
      ...number('succeeded', count.succeeded),
      terminating: pods.terminating.length,
      uncountedTerminatedPods: {},
    },
    waitingOn: next.waitingOn ?? [],
    requeueAtMs: next.requeueAtMs ?? null,
    notes: next.notes ?? [],
  };
}

/** The pods that still run go; when none is left, that is the end. */
function end(step: Step, ending: Ending): JobDecision {
  const { job, pods, now } = step;
  const kind = ending.as === 'Failed' ? 'stop' : 'take-away';
  const says = { status: 'True', reason: ending.reason, message: ending.message };
  const interim = withTrue(conditionsOf(job), { type: interimOf[ending.as], ...says }, now);
  const base = { going: pods.active, ...started(step) };
  const actions = pods.active.map((pod) => ({ do: kind, pod }) as const);
  if (pods.active.length + pods.terminating.length > 0)
    return decision(step, { ...base, actions, conditions: interim, waitingOn: ['PodsGone'] });
  return decision(step, {
    ...base,
    conditions: withTrue(interim, { type: ending.as, ...says }, now),
    ...(ending.as === 'Complete' && { completionTime: toRfc3339(now) }),
    requeueAtMs: ttlEndsAt(job, now),
    notes: [
      ending.as === 'Complete'
        ? { type: 'Normal', reason: 'Completed', message: 'Job completed' }
        : { type: 'Warning', reason: ending.reason, message: ending.message },
    ],
  });
}

function suspended(step: Step): JobDecision {
  const { job, pods, now } = step;
  const is = { type: 'Suspended', status: 'True', reason: 'JobSuspended', message: 'The Job is suspended' };
  const before = conditionOf(job.status?.conditions, 'Suspended');
  return decision(step, {
    conditions: withTrue(conditionsOf(job), is, now),
    actions: pods.active.map((pod) => ({ do: 'take-away', pod }) as const),
    going: pods.active,
    waitingOn: ['Resumed'],
    notes: before?.status === 'True' ? [] : [{ type: 'Normal', reason: 'Suspended', message: is.message }],
  });
}

function goOn(step: Step): JobDecision {
  const { job, pods, count, now } = step;
  const filled = fillUp(job, pods, count, now);
  const wasSuspended = conditionOf(job.status?.conditions, 'Suspended')?.status === 'True';
  const resumed = { type: 'Suspended', status: 'False', reason: 'JobResumed', message: 'The Job goes on' };
  return decision(step, {
    conditions: wasSuspended ? setCondition(conditionsOf(job), resumed, now) : conditionsOf(job),
    ...started(step),
    actions: actionsOf(filled),
    going: filled.remove,
    waitingOn: [
      ...(pods.active.length > 0 ? (['PodsFinished'] as const) : []),
      ...(filled.backOffEndsAtMs !== null ? (['BackOff'] as const) : []),
    ],
    requeueAtMs: earlier(filled.backOffEndsAtMs, deadlineOf(startedJob(job, now))),
    notes: wasSuspended ? [{ type: 'Normal', reason: 'Resumed', message: resumed.message }] : [],
  });
}

function actionsOf({ remove, create }: FillUp): readonly JobAction[] {
  return [
    ...remove.map((pod) => ({ do: 'take-away', pod }) as const),
    ...create.map((pod) => ({ do: 'create', pod }) as const),
  ];
}

/** A Job starts when it first may, and again when it is resumed. */
function started({ job, now }: Step): { readonly startTime: string | undefined } {
  return { startTime: startedJob(job, now).status?.startTime };
}

function startedJob(job: Job, now: EpochMs): Job {
  if (job.spec.suspend === true) return job;
  const suspended = conditionOf(job.status?.conditions, 'Suspended')?.status === 'True';
  if (job.status?.startTime !== undefined && !suspended) return job;
  return { ...job, status: { startTime: toRfc3339(now) } };
}

/** All its pods are let go, and `ttl` is when it goes itself. */
function afterEnd(job: Job, owned: readonly Pod[], now: EpochMs): JobDecision {
  const goesAtMs = ttlEndsAt(job, now);
  const rest = over(job, owned, goesAtMs);
  if (goesAtMs === null || goesAtMs > now || rest.actions.length > 0) return rest;
  return { ...rest, actions: [{ do: 'delete-job' }], requeueAtMs: null };
}

function over(job: Job, owned: readonly Pod[], requeueAtMs: EpochMs | null): JobDecision {
  const held = owned.filter(isTracked).slice(0, limits.jobPodsPerPassMax);
  return {
    actions: held.map((pod) => ({ do: 'let-go', pod })),
    status: job.status ?? {},
    waitingOn: [],
    requeueAtMs,
    notes: [],
  };
}

/** When a Job that has ended (just now, if it does not say) is to be deleted; null: never. */
function ttlEndsAt(job: Job, now: EpochMs): EpochMs | null {
  const { ttlSecondsAfterFinished } = job.spec;
  if (ttlSecondsAfterFinished === undefined) return null;
  const endedAtMs = fromRfc3339(finalCondition(job)?.lastTransitionTime) ?? now;
  return endedAtMs + ttlSecondsAfterFinished * secondMs;
}

/** A condition that holds already is left as it is. */
function withTrue(
  conditions: readonly JobCondition[],
  condition: JobCondition,
  now: EpochMs,
): readonly JobCondition[] {
  if (conditionOf(conditions, condition.type)?.status === 'True') return conditions;
  return setCondition(conditions, { ...condition, lastProbeTime: toRfc3339(now) }, now);
}
