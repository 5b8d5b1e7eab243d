import { isApiError } from '../../api/api-error.ts';
import type { Operation } from '../../api/client.ts';
import type { NodeAgents } from '../../api/node-agent.ts';
import type { EpochMs } from '../../base/clock.ts';
import { deepEqual } from '../../base/json.ts';
import { timings } from '../../base/limits.ts';
import { setCondition } from '../../schema/conditions.ts';
import { type KubeObject, type ObjectRef, refKey, refOf, refText } from '../../schema/object.ts';
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerStatus, Pod } from '../../schema/types.gen.ts';
import {
  againAt,
  type Context,
  type Controller,
  done,
  type Result,
  watching,
} from '../harness/controller.ts';
import { decideScale, type ScaleDecision, withoutTarget } from './decide.ts';
import { describedKey, describedRef, readMetric } from './read-metric.ts';
import { type ScaleTarget, scaleTargetOf, targetRefOf } from './scale-target.ts';
import type { ScalingMemory } from './scaling-memory.ts';
import { type UsageReader, usageReader } from './usage-reader.ts';

const AUTOSCALER = { group: 'autoscaling', kind: 'HorizontalPodAutoscaler' } as const;
const POD = { group: '', kind: 'Pod' } as const;

/** What is remembered of one autoscaler, as long as it is there. */
type Remembered = {
  readonly uid: string | undefined;
  readonly generation: number | undefined;
  readonly lookedAtMs: EpochMs;
  readonly nextAtMs: EpochMs;
  /** null: there was no target. */
  readonly memory: ScalingMemory | null;
};

/** Sizes workloads by what their pods use, every 15 seconds. */
export function autoscalerController({ nodes }: { readonly nodes: NodeAgents }): Controller {
  const usage = usageReader(nodes);
  const remembered = new Map<string, Remembered>();
  return {
    name: 'horizontal-pod-autoscaler',
    kind: AUTOSCALER,
    // Pods are read, but what happens to them is looked at when the time has come.
    watches: [watching<Pod>(POD, () => [])],
    reconcile: (ref, context) => reconcile(ref, context, { usage, nodes, remembered }),
  };
}

type State = {
  readonly usage: UsageReader;
  readonly nodes: NodeAgents;
  readonly remembered: Map<string, Remembered>;
};

async function reconcile(
  ref: ObjectRef,
  context: Context,
  { usage, nodes, remembered }: State,
): Promise<Result> {
  const { informers, now, watchingSinceMs } = context;
  const key = refKey(ref);
  const autoscaler = informers.of<HorizontalPodAutoscaler>(AUTOSCALER).get(ref);
  if (autoscaler === undefined || autoscaler.metadata.deletionTimestamp !== undefined) {
    remembered.delete(key);
    return done;
  }
  const { uid, generation } = autoscaler.metadata;
  const known = remembered.get(key);
  // What was remembered before these controllers were started last has a gap in it.
  const isFresh = known !== undefined && known.uid === uid && known.lookedAtMs >= watchingSinceMs;
  const before = isFresh ? known : undefined;
  const nextAtMs = before?.nextAtMs ?? now;
  // Our own writes wake us, too: a look comes when it is due, or when what is asked for has changed.
  if (before !== undefined && before.generation === generation && now < nextAtMs) return againAt(nextAtMs);
  const target = await findTarget(autoscaler, context);
  if ('missing' in target) {
    const status = withoutTarget(autoscaler, target.missing, now);
    await say(autoscaler, status, context);
    const message = target.missing;
    context.events.record(autoscaler, { type: 'Warning', reason: 'FailedGetScale', message });
    const againAtMs = now + timings.autoscalerSyncMs;
    remembered.set(key, { uid, generation, lookedAtMs: now, nextAtMs: againAtMs, memory: null });
    return againAt(againAtMs);
  }
  const { namespace } = ref;
  const pods = informers.of<Pod>(POD).inNamespace(namespace);
  const described = await describedObjects(autoscaler, namespace, context);
  const sources = { namespace, usages: await usage(now), nodes, pods, described };
  const decision = decideScale(
    {
      autoscaler,
      target,
      pods: pods.filter(target.selects),
      read: (metric) => readMetric(metric, sources),
      memory: before?.memory ?? null,
    },
    now,
  );
  // Only once it is written: what failed is looked at again as if for the first time.
  const memory = await carryOut(autoscaler, target, decision, context);
  const againAtMs = waitsForFirstMetrics(decision.status, now)
    ? now + timings.autoscalerFirstLooksMs
    : decision.requeueAtMs;
  const nextLookMs = againAtMs ?? now + timings.autoscalerSyncMs;
  remembered.set(key, { uid, generation, lookedAtMs: now, nextAtMs: nextLookMs, memory });
  return againAt(againAtMs);
}

/** Pods that have just become ready tell within seconds what they use: it is not worth a whole interval. */
function waitsForFirstMetrics({ conditions = [] }: HorizontalPodAutoscalerStatus, now: EpochMs): boolean {
  const active = conditions.find(({ type }) => type === 'ScalingActive');
  if (active?.status !== 'False' || !/^FailedGet.*Metric$/.test(active.reason ?? '')) return false;
  const sinceMs = Date.parse(active.lastTransitionTime ?? '');
  return now - sinceMs < timings.autoscalerFirstLooksForMs;
}

async function findTarget(
  autoscaler: HorizontalPodAutoscaler,
  { client, caller, informers }: Context,
): Promise<ScaleTarget | { readonly missing: string }> {
  const ref = targetRefOf(autoscaler);
  const rival = informers
    .of<HorizontalPodAutoscaler>(AUTOSCALER)
    .inNamespace(ref.namespace)
    .find((other) => isOlderRival(other, autoscaler, ref));
  if (rival !== undefined)
    return { missing: `${refText(ref)} is sized by another autoscaler already: ${rival.metadata.name}` };
  try {
    const object = await client.get(ref, caller);
    if (object === null) return { missing: `There is no ${refText(ref)}` };
    return scaleTargetOf(object) ?? { missing: `${refText(ref)} has no replicas to set` };
  } catch (failure) {
    // A kind nobody knows.
    if (!isApiError(failure, 'NotFound', 'BadRequest')) throw failure;
    return { missing: failure.message };
  }
}

/** Of two that size one target the elder does; of one age, the first by name. */
function isOlderRival(
  other: HorizontalPodAutoscaler,
  own: HorizontalPodAutoscaler,
  target: ObjectRef,
): boolean {
  if (other.metadata.uid === own.metadata.uid || refKey(targetRefOf(other)) !== refKey(target)) return false;
  const age = ({ metadata }: HorizontalPodAutoscaler): string =>
    `${metadata.creationTimestamp ?? ''} ${metadata.name}`;
  return age(other) < age(own);
}

/** What `type: Object` metrics are about. */
async function describedObjects(
  { spec }: HorizontalPodAutoscaler,
  namespace: string,
  { client, caller }: Context,
): Promise<ReadonlyMap<string, KubeObject | null>> {
  const described = new Map<string, KubeObject | null>();
  for (const { object } of spec.metrics ?? []) {
    if (object === undefined) continue;
    const of = object.describedObject;
    try {
      described.set(describedKey(of), await client.get(describedRef(of, namespace), caller));
    } catch (failure) {
      // A kind nobody knows.
      if (!isApiError(failure, 'NotFound', 'BadRequest')) throw failure;
    }
  }
  return described;
}

/**
 * The size and what is said of it go in one transaction, on the target as it was decided on. Answers what is to be remembered.
 * CRASH: after it the memory is lost; the next look begins with the size that was just set.
 */
async function carryOut(
  autoscaler: HorizontalPodAutoscaler,
  target: ScaleTarget,
  decision: ScaleDecision,
  context: Context,
): Promise<ScalingMemory> {
  const { client, caller, events, now } = context;
  const [scale] = decision.actions;
  if (scale === undefined) {
    await say(autoscaler, decision.status, context);
    for (const note of decision.notes) events.record(autoscaler, note);
    return decision.memory;
  }
  const { uid = '', resourceVersion = '' } = target.object.metadata;
  const size: Operation = {
    op: 'patch',
    ref: refOf(target.object),
    patch: { type: 'json', operations: [{ op: 'add', path: '/spec/replicas', value: scale.replicas }] },
    preconditions: { uid, resourceVersion },
  };
  const object = { ...autoscaler, status: decision.status };
  try {
    await client.transact([{ op: 'update', object, subresource: 'status' }, size], caller);
  } catch (failure) {
    if (!isApiError(failure, 'Forbidden', 'Invalid')) throw failure;
    const message = `The target could not be set to ${scale.replicas} replicas: ${failure.message}`;
    await say(autoscaler, refused(autoscaler, message, now), context);
    events.record(autoscaler, { type: 'Warning', reason: 'FailedRescale', message });
    return decision.memory;
  }
  for (const note of decision.notes) events.record(autoscaler, note);
  return scale.memory;
}

function refused(
  { status }: HorizontalPodAutoscaler,
  message: string,
  now: EpochMs,
): HorizontalPodAutoscalerStatus {
  const says = { type: 'AbleToScale', status: 'False', reason: 'FailedUpdateScale', message };
  return { desiredReplicas: 0, ...status, conditions: setCondition(status?.conditions, says, now) };
}

async function say(
  autoscaler: HorizontalPodAutoscaler,
  status: HorizontalPodAutoscalerStatus,
  { client, caller }: Context,
): Promise<void> {
  if (deepEqual(status, autoscaler.status)) return;
  await client.update({ ...autoscaler, status }, caller, { subresource: 'status' });
}
