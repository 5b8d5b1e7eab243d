import type { EpochMs } from '../base/clock.ts';
import { setCondition } from '../schema/conditions.ts';
import { preferredAffinityScore } from '../schema/node-affinity.ts';
import { findUntolerated } from '../schema/taints.ts';
import type { Node, Pod, PodStatus } from '../schema/types.gen.ts';
import { refusals } from './filters.ts';
import { leastAllocatedScore } from './least-allocated.ts';
import { addAmounts, assumedRequests, emptyLoad, type NodeLoad, withPod } from './node-load.ts';

export type Binding = { readonly pod: Pod; readonly nodeName: string };
export type Unschedulable = {
  readonly pod: Pod;
  readonly reason: 'Unschedulable' | 'SchedulingGated';
  readonly message: string;
};

export type SchedulingInput = {
  readonly nodes: readonly Node[];
  /** Pods that hold room: assigned to a node and not ended. */
  readonly assigned: readonly { readonly pod: Pod; readonly nodeName: string }[];
  /** Pods to find a node for. */
  readonly pending: readonly Pod[];
};

export type SchedulingDecision = {
  readonly bindings: readonly Binding[];
  readonly unschedulable: readonly Unschedulable[];
};

/** Source: upstream default_plugins. */
const WEIGHTS = { taints: 3, affinity: 2, fit: 1 } as const;

/** Finds a node for each pending pod, highest priority first, then oldest; each sees the room that those before it took. */
export function decideScheduling(input: SchedulingInput): SchedulingDecision {
  const loads = new Map(input.nodes.map((node) => [node.metadata.name, emptyLoad(node)]));
  for (const { pod, nodeName } of input.assigned) put(loads, nodeName, pod);
  const bindings: Binding[] = [];
  const unschedulable: Unschedulable[] = [];
  for (const pod of input.pending.toSorted(byPriority)) {
    const found = findNode(pod, [...loads.values()]);
    if ('reason' in found) unschedulable.push({ pod, ...found });
    else {
      put(loads, found.nodeName, pod);
      bindings.push({ pod, nodeName: found.nodeName });
    }
  }
  return { bindings, unschedulable };
}

function put(loads: Map<string, NodeLoad>, nodeName: string, pod: Pod): void {
  const load = loads.get(nodeName);
  if (load !== undefined) loads.set(nodeName, withPod(load, pod));
}

type Found = { readonly nodeName: string } | Omit<Unschedulable, 'pod'>;

function findNode(pod: Pod, loads: readonly NodeLoad[]): Found {
  if ((pod.spec.schedulingGates ?? []).length > 0) {
    const message = 'Scheduling is blocked due to non-empty scheduling gates';
    return { reason: 'SchedulingGated', message };
  }
  const judged = loads.map((load) => ({ load, reasons: refusals(pod, load) }));
  const fitting = judged.filter(({ reasons }) => reasons.length === 0).map(({ load }) => load);
  const best = ranked(pod, fitting)[0];
  if (best !== undefined) return { nodeName: best };
  const message = unschedulableMessage(judged.map(({ reasons }) => reasons));
  return { reason: 'Unschedulable', message };
}

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.` */
export function unschedulableMessage(reasonsByNode: readonly (readonly string[])[]): string {
  if (reasonsByNode.length === 0) return 'no nodes available to schedule pods';
  const counts = new Map<string, number>();
  for (const reason of reasonsByNode.flat()) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const texts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  return `0/${reasonsByNode.length} nodes are available: ${texts.join(', ')}.`;
}

/** Names of nodes, best first; equals by name. */
function ranked(pod: Pod, loads: readonly NodeLoad[]): readonly string[] {
  const preferred = loads.map(({ node }) => preferredAffinityScore(pod, node));
  const preferredMax = Math.max(0, ...preferred);
  const scored = loads.map((load, at) => {
    const affinity = preferredMax === 0 ? 0 : Math.trunc(((preferred[at] ?? 0) * 100) / preferredMax);
    const score =
      fitScore(pod, load) * WEIGHTS.fit +
      affinity * WEIGHTS.affinity +
      taintScore(pod, load) * WEIGHTS.taints;
    return { name: load.node.metadata.name, score };
  });
  return scored.toSorted((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1)).map(({ name }) => name);
}

function fitScore(pod: Pod, { assumed, allocatable }: NodeLoad): number {
  const capacityOf = (name: string, unitsPerNano: bigint): number =>
    Number((allocatable.get(name)?.nanos ?? 0n) / unitsPerNano);
  return leastAllocatedScore({
    requested: addAmounts(assumed, assumedRequests(pod)),
    capacity: { cpu: capacityOf('cpu', 1_000_000n), memory: capacityOf('memory', 1_000_000_000n) },
    weights: { cpu: 1, memory: 1 },
  });
}

/** A node that would rather not have the pod comes last. */
function taintScore(pod: Pod, { node }: NodeLoad): number {
  const soft = (node.spec.taints ?? []).filter(({ effect }) => effect === 'PreferNoSchedule');
  return findUntolerated(pod.spec.tolerations, soft) === undefined ? 100 : 0;
}

function byPriority(a: Pod, b: Pod): number {
  const [ageA, ageB] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  const [nameA, nameB] = [a, b].map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  return (
    (b.spec.priority ?? 0) - (a.spec.priority ?? 0) ||
    compare(ageA, ageB) ||
    compare(nameA ?? '', nameB ?? '')
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The pod's status with PodScheduled as it is now. */
export function scheduledStatus(
  pod: Pod,
  outcome: { readonly bound: true } | ({ readonly bound: false } & Omit<Unschedulable, 'pod'>),
  now: EpochMs,
): PodStatus {
  const said = outcome.bound
    ? { type: 'PodScheduled', status: 'True' }
    : { type: 'PodScheduled', status: 'False', reason: outcome.reason, message: outcome.message };
  return { ...pod.status, conditions: setCondition(pod.status?.conditions, said, now) };
}
