import type { PodDisruptionBudget } from '../api/disruption-budget.ts';
import type { EpochMs } from '../base/clock.ts';
import { setCondition } from '../schema/conditions.ts';
import type { Pod, PodStatus } from '../schema/types.gen.ts';
import { type ClusterObjects, clusterOf } from './cluster-of.ts';
import { type PodFacts, podFacts } from './facts/pod-facts.ts';
import type { FilterName } from './filters/filter.ts';
import { chooseVolumes, type VolumeChoice } from './filters/volume-binding.ts';
import { decidePreemption } from './preemption/decide-preemption.ts';
import { type SearchStart, schedulePod } from './schedule-pod.ts';
import type { Cluster } from './state/cluster.ts';
import { claimKey } from './state/volume-catalog.ts';

export type Binding = {
  readonly pod: Pod;
  readonly nodeName: string;
  /** Claims that are to have their volume for this node before the pod is bound. */
  readonly volumes: readonly VolumeChoice[];
};

export type Unschedulable = {
  readonly pod: Pod;
  readonly reason: 'Unschedulable' | 'SchedulingGated';
  readonly message: string;
  /** What refused it. */
  readonly blockers: ReadonlySet<FilterName>;
  /** Room is made for it: these pods are to go from the node, and it is told that the node is to be its own. */
  readonly preemption: {
    readonly nodeName: string;
    readonly victims: readonly Pod[];
    /** Less important pods that were to have the node. */
    readonly displaced: readonly Pod[];
  } | null;
  /** The node it was nominated for stays its own. */
  readonly keepsNomination: boolean;
};

export type SchedulingInput = ClusterObjects & {
  /** Pods to find a node for. */
  readonly pending: readonly Pod[];
};

export type SchedulingDecision = {
  readonly bindings: readonly Binding[];
  readonly unschedulable: readonly Unschedulable[];
};

/**
 * Finds a node for each pending pod, highest priority first, then oldest; each sees the room that those before it took, and that
 * victims of those before it are still on. The same input gives the same decision, in whatever order its lists are.
 */
export function decideScheduling(input: SchedulingInput): SchedulingDecision {
  const { budgets = [], pending } = input;
  const state = clusterOf(input);
  for (const pod of pending) {
    const { nominatedNodeName = '' } = pod.status ?? {};
    if (nominatedNodeName !== '') state.nominate(podFacts(pod), nominatedNodeName);
  }
  return decideOn(state, { pending, budgets, start: { at: 0 } });
}

/**
 * The same for a cluster that is kept. Afterwards the cluster holds what was decided: bound pods are on their nodes, volumes they wait
 * for are taken, nominated pods have their room.
 */
export function decideOn(
  state: Cluster,
  by: {
    readonly pending: readonly Pod[];
    readonly budgets: readonly PodDisruptionBudget[];
    readonly start: SearchStart;
  },
): SchedulingDecision {
  const bindings: Binding[] = [];
  const unschedulable: Unschedulable[] = [];
  state.tidy();
  for (const pod of by.pending.toSorted(byPriority)) {
    const facts = podFacts(pod);
    const found = schedulePod(facts, state, by.start);
    if ('nodeName' in found) bindings.push(assume(facts, found.nodeName, state));
    else unschedulable.push(notBound(facts, found, { ...by, state }));
  }
  return { bindings, unschedulable };
}

function assume(facts: PodFacts, nodeName: string, state: Cluster): Binding {
  const node = state.slot(nodeName)?.node;
  const volumes = node === undefined ? [] : (chooseVolumes(facts, node, state) ?? []);
  for (const { claim, volume } of volumes)
    if (volume !== null) state.takeVolume(volume, claimKey(claim.metadata));
  state.nominate(facts, null);
  state.place(facts, nodeName);
  return { pod: facts.pod, nodeName, volumes };
}

function notBound(
  facts: PodFacts,
  found: Extract<ReturnType<typeof schedulePod>, { readonly reason: string }>,
  by: {
    readonly state: Cluster;
    readonly budgets: readonly PodDisruptionBudget[];
    readonly start: SearchStart;
  },
): Unschedulable {
  const { reason, message, blockers } = found;
  const { pod } = facts;
  if (reason === 'SchedulingGated' || by.state.slots().length === 0)
    return { pod, reason, message, blockers, preemption: null, keepsNomination: false };
  const preemption = decidePreemption(facts, found, { ...by, cluster: by.state });
  if ('message' in preemption) {
    if (!preemption.waits) by.state.nominate(facts, null);
    const said = `${message} ${preemption.message}`;
    return { pod, reason, message: said, blockers, preemption: null, keepsNomination: preemption.waits };
  }
  const { nodeName } = preemption;
  for (const each of preemption.displaced) by.state.nominate(each, null);
  by.state.nominate(facts, nodeName);
  const victims = preemption.victims.map((victim) => victim.pod);
  const displaced = preemption.displaced.map((each) => each.pod);
  return {
    ...{ pod, reason, message, blockers, keepsNomination: false },
    preemption: { nodeName, victims, displaced },
  };
}

/** The order of the queue: by priority, then age, then name. */
export function byPriority(a: Pod, b: Pod): number {
  return (
    (b.spec.priority ?? 0) - (a.spec.priority ?? 0) ||
    compare(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') ||
    compare(a.metadata.namespace ?? '', b.metadata.namespace ?? '') ||
    compare(a.metadata.name, b.metadata.name)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The pod's status with PodScheduled as it is now. */
export function scheduledStatus(
  pod: Pod,
  outcome:
    | { readonly bound: true }
    | { readonly bound: false; readonly reason: string; readonly message: string },
  now: EpochMs,
): PodStatus {
  const said = outcome.bound
    ? { type: 'PodScheduled', status: 'True' }
    : { type: 'PodScheduled', status: 'False', reason: outcome.reason, message: outcome.message };
  return { ...pod.status, conditions: setCondition(pod.status?.conditions, said, now) };
}
