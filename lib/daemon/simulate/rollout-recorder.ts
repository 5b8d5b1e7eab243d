import type { DurationMs, EpochMs } from '../../base/clock.ts';
import { secondMs } from '../../base/clock.ts';
import {
  groupOf,
  type KindRef,
  type KubeObject,
  type ObjectRef,
  refKey,
  refOf,
  sameRef,
} from '../../schema/object.ts';
import { controllerOf } from '../../schema/owner.ts';
import { isPodReady, UNBOUND_CLAIMS } from '../../schema/pod-conditions.ts';
import type { Event, Pod } from '../../schema/types.gen.ts';
import { podTrouble } from '../../status/health/pod.ts';
import { conditionFacts } from '../../status/health/status-fields.ts';
import { isPodStep, type PodStepKind, type RolloutStep, type StepFacts } from './rollout-step.ts';

/** What a recorder has to be shown every change of. */
export const recordedKinds: readonly KindRef[] = [
  { group: 'apps', kind: 'Deployment' },
  { group: 'apps', kind: 'StatefulSet' },
  { group: 'apps', kind: 'DaemonSet' },
  { group: 'apps', kind: 'ReplicaSet' },
  { group: '', kind: 'ReplicationController' },
  { group: 'batch', kind: 'CronJob' },
  { group: 'batch', kind: 'Job' },
  { group: '', kind: 'Pod' },
  { group: '', kind: 'Event' },
];

/** Kinds whose pods serve: their availability is what a rollout must not lose. */
const SERVING: ReadonlySet<string> = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
]);
/** Events that say what keeps pods from being made or started, and that no status says. */
const TELLING: ReadonlySet<string> = new Set([
  'FailedCreate',
  'FailedMount',
  'FailedBinding',
  'ProvisioningFailed',
]);
/** What is alike within this span is one step. */
const TOGETHER_MS = secondMs;

/** How many pods of a workload were ready. */
export type Availability = {
  readonly workload: ObjectRef;
  /** spec.replicas, or what a DaemonSet wants; null: it is not there at the end. */
  readonly wanted: number | null;
  readonly before: number;
  readonly lowest: number;
  readonly lowestAtMs: DurationMs;
};

/** Makes steps of what happens, whoever tells it: a simulation, or a watch on a real daemon. */
export type RolloutRecorder = {
  /** What is there before it begins, and every change after. `object`: as it is, or was when it went. */
  see(object: KubeObject, change: 'there' | 'changed' | 'gone', now: EpochMs): void;
  add(step: StepFacts & { readonly workload: ObjectRef | null }, now: EpochMs): void;
  steps(): readonly RolloutStep[];
  availability(): readonly Availability[];
  /** What was said last of the matter of a wait: the step has what was said first. */
  lastWord(wait: WaitStep): string;
  /** Pods of the workload that are on their way out. */
  leaving(workload: ObjectRef): number;
};

type WaitStep = Extract<StepFacts, { readonly kind: 'waits' }>;
type Known = { readonly ref: ObjectRef; readonly ownerUid: string | undefined; readonly object: KubeObject };
type Readiness = { ready: Set<string>; before: number; lowest: number; lowestAtMs: DurationMs };

export function rolloutRecorder(beganAtMs: EpochMs): RolloutRecorder {
  const known = new Map<string, Known>();
  const readiness = new Map<string, Readiness & { readonly workload: ObjectRef }>();
  const leaving = new Map<string, Set<string>>();
  /** The newest message by what waits and why. */
  const told = new Map<string, string>();
  const steps: RolloutStep[] = [];

  /** Whose rollout it is part of: the first of its owners. */
  const rootOf = (object: KubeObject): ObjectRef => {
    let at = refOf(object);
    for (let uid = controllerOf(object)?.uid; uid !== undefined; ) {
      const owner = known.get(uid);
      if (owner === undefined) break;
      at = owner.ref;
      uid = owner.ownerUid;
    }
    return at;
  };
  const ownerOf = (object: KubeObject): ObjectRef => {
    const owner = known.get(controllerOf(object)?.uid ?? '');
    return owner?.ref ?? refOf(object);
  };
  const add: RolloutRecorder['add'] = (step, now) => {
    const atMs = now - beganAtMs;
    if (step.kind === 'waits' && !isNews(told, step)) return;
    const whole: RolloutStep = { ...step, atMs };
    const last = steps.findLast(({ workload }) => sameWorkload(workload, whole.workload));
    const both = last === undefined ? null : merged(last, whole);
    if (last !== undefined && both !== null) steps[steps.lastIndexOf(last)] = both;
    // It is told when it is done; what came of it may have been seen before.
    else if (step.kind === 'applied')
      steps.splice(steps.findLastIndex((each) => each.atMs < atMs) + 1, 0, whole);
    else steps.push(whole);
  };
  const countReady = (workload: ObjectRef, uid: string, isReady: boolean, now: EpochMs | null): void => {
    if (!SERVING.has(workload.kind)) return;
    const key = refKey(workload);
    const entry = readiness.get(key) ?? { workload, ready: new Set(), before: 0, lowest: 0, lowestAtMs: 0 };
    readiness.set(key, entry);
    if (isReady) entry.ready.add(uid);
    else entry.ready.delete(uid);
    const count = entry.ready.size;
    if (now === null) Object.assign(entry, { before: count, lowest: count });
    else if (count < entry.lowest) Object.assign(entry, { lowest: count, lowestAtMs: now - beganAtMs });
  };
  const seePod = (
    pod: KubeObject & Pod,
    before: Pod | undefined,
    gone: boolean,
    now: EpochMs | null,
  ): void => {
    const { uid = '', name } = pod.metadata;
    const [of, workload] = [ownerOf(pod), rootOf(pod)];
    const going = gone || pod.metadata.deletionTimestamp !== undefined;
    const isReady = !going && isPodReady(pod) && pod.status?.phase !== 'Succeeded';
    const wasReady = before !== undefined && !isGoing(before) && isPodReady(before);
    countReady(workload, uid, isReady, now);
    const out = leaving.get(refKey(workload)) ?? new Set();
    leaving.set(refKey(workload), out);
    if (going && !gone) out.add(uid);
    else out.delete(uid);
    if (now === null) return;
    const say = (kind: PodStepKind): void => add({ kind, of, workload, pods: [name] }, now);
    // Their number is told by the ReplicaSet's own step.
    const counted = of.kind === 'ReplicaSet' || of.kind === 'ReplicationController';
    if (before === undefined && !counted && !gone) say('created');
    if (isReady && !wasReady && SERVING.has(workload.kind)) say('ready');
    if (going && !(before === undefined || isGoing(before)) && !counted && !isOver(before)) say('stopped');
    if (!going && wasReady && !isReady && !isOver(pod)) say('unready');
    if (!going && pod.status?.phase === 'Succeeded' && before?.status?.phase !== 'Succeeded')
      say('succeeded');
    if (!going && pod.status?.phase === 'Failed' && before?.status?.phase !== 'Failed') say('pod-failed');
    if (going) return;
    const scheduled = conditionFacts(pod, 'PodScheduled');
    const isBinding = scheduled?.message.includes(UNBOUND_CLAIMS) === true;
    if (scheduled?.status === 'False' && !isBinding)
      add({ kind: 'waits', of, workload, ...textsOf(scheduled) }, now);
    const trouble = podTrouble(pod);
    if (trouble !== null) add({ kind: 'waits', of, workload, ...trouble }, now);
  };
  const seeEvent = ({ type, reason = '', message = '', involvedObject }: Event, now: EpochMs): void => {
    if (type !== 'Warning' || !TELLING.has(reason)) return;
    const object = known.get(involvedObject?.uid ?? '')?.object;
    if (object === undefined) return;
    const of = object.kind === 'Pod' ? ownerOf(object) : refOf(object);
    add({ kind: 'waits', of, workload: rootOf(object), reason, message }, now);
  };
  const seeReplicas = (object: KubeObject, before: KubeObject | undefined, now: EpochMs): void => {
    const owned = object.kind === 'ReplicaSet' || object.kind === 'ReplicationController';
    if (!owned) return;
    const [from, to] = [replicasOf(before), replicasOf(object)];
    if (from !== to) add({ kind: 'scaled', of: refOf(object), workload: rootOf(object), from, to }, now);
  };

  return {
    see(object, change, now) {
      const { uid = '' } = object.metadata;
      const at = change === 'there' ? null : now;
      const before = known.get(uid)?.object;
      if (object.kind === 'Event' && groupOf(object.apiVersion) === '') {
        if (at !== null && change !== 'gone') seeEvent(object as KubeObject & Event, at);
        return;
      }
      known.set(uid, { ref: refOf(object), ownerUid: controllerOf(object)?.uid, object });
      if (object.kind === 'Pod')
        seePod(object as KubeObject & Pod, before as Pod | undefined, change === 'gone', at);
      else if (at !== null && change !== 'gone') seeReplicas(object, before, at);
      // An owner that is gone is still known by what it leaves; a pod owns nothing.
      if (change === 'gone' && object.kind === 'Pod') known.delete(uid);
    },
    add,
    steps: () => steps,
    availability() {
      const last = new Map([...known.values()].map(({ ref, object }) => [refKey(ref), object]));
      return [...readiness.values()].map(({ workload, before, lowest, lowestAtMs }) => ({
        ...{ workload, before, lowest, lowestAtMs },
        wanted: wantedOf(last.get(refKey(workload))),
      }));
    },
    lastWord: (wait) => told.get(waitKey(wait)) ?? wait.message,
    leaving: (workload) => leaving.get(refKey(workload))?.size ?? 0,
  };
}

function sameWorkload(a: ObjectRef | null, b: ObjectRef | null): boolean {
  return a === b || (a !== null && b !== null && sameRef(a, b));
}

/** A wait is told once for each reason; that it is tried again is no news. */
function isNews(told: Map<string, string>, step: WaitStep): boolean {
  const key = waitKey(step);
  const isNew = !told.has(key);
  told.set(key, step.message);
  return isNew;
}

function waitKey({ of, reason }: WaitStep): string {
  return `${refKey(of)} ${reason === 'ImagePullBackOff' ? 'ErrImagePull' : reason}`;
}

/** Two steps as one; null: they are two. */
function merged(last: RolloutStep, next: RolloutStep): RolloutStep | null {
  if (next.atMs - last.atMs > TOGETHER_MS || last.kind !== next.kind) return null;
  if (last.kind === 'applied' && next.kind === 'applied')
    return { ...last, changes: [...last.changes, ...next.changes] };
  if (last.kind === 'scaled' && next.kind === 'scaled' && sameRef(last.of, next.of) && last.to === next.from)
    return { ...last, to: next.to };
  if (!isPodStep(last) || !isPodStep(next) || !sameRef(last.of, next.of)) return null;
  return { ...last, pods: [...last.pods, ...next.pods] };
}

function textsOf({ reason, message }: { readonly reason: string; readonly message: string }) {
  return { reason, message };
}

function isGoing(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

function isOver({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

function replicasOf(object: KubeObject | undefined): number {
  const spec = object?.spec as { readonly replicas?: number } | undefined;
  return object === undefined ? 0 : (spec?.replicas ?? 1);
}

function wantedOf(object: KubeObject | undefined): number | null {
  if (object === undefined) return null;
  const status = object.status as { readonly desiredNumberScheduled?: number } | undefined;
  return object.kind === 'DaemonSet' ? (status?.desiredNumberScheduled ?? 0) : replicasOf(object);
}
