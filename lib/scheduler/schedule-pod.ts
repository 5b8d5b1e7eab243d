import type { PodFacts } from './facts/pod-facts.ts';
import { preparePod, testWithNominated } from './feasible-nodes.ts';
import type { FilterName, Refusal } from './filters/filter.ts';
import { NOT_NAMED, namedNodes } from './filters/node-affinity.ts';
import { feasibleNodesEnough } from './sampling.ts';
import { bestNode } from './scores/scores.ts';
import type { Cluster, Slot } from './state/cluster.ts';
import {
  NO_NODES,
  type ReasonCounts,
  refusedMessage,
  unschedulableMessage,
} from './unschedulable-message.ts';

/** Where the search among many nodes begins; moves on with each, so that all nodes have their turn. */
export type SearchStart = { at: number };

export type RefusedSlot = { readonly slot: Slot; readonly refusal: Refusal };

export type NotPlaced = {
  readonly reason: 'Unschedulable' | 'SchedulingGated';
  readonly message: string;
  /** What refused it node by node; nodes that are not here cannot take it whatever happens on them. */
  readonly refused: readonly RefusedSlot[];
  /** What refused it: only what changes something for one of these is worth another try. */
  readonly blockers: ReadonlySet<FilterName>;
};

export type Placement = { readonly nodeName: string } | NotPlaced;

/** Finds the best node for one pod. Changes nothing of the cluster but for the time of the call. Source: upstream schedulePod. */
export function schedulePod(pod: PodFacts, cluster: Cluster, start: SearchStart): Placement {
  if ((pod.pod.spec.schedulingGates ?? []).length > 0) return GATED;
  const all = cluster.slots();
  if (all.length === 0) return notPlaced(NO_NODES, [], ['NodeName']);
  const prepared = preparePod(pod, cluster);
  if ('filter' in prepared) {
    const [reason = ''] = prepared.reasons;
    return notPlaced(refusedMessage(all.length, reason), [], [prepared.filter]);
  }
  const test = testWithNominated(pod, prepared.test, cluster);
  const nominated = cluster.slot(pod.pod.status?.nominatedNodeName ?? '');
  if (nominated !== undefined && test(nominated) === null) return { nodeName: nominated.node.name };
  const names = namedNodes(pod);
  const candidates = names === null ? all : all.filter(({ node }) => names.has(node.name));
  const { feasible, refused } = search(candidates, test, start);
  const best = bestNode(
    pod,
    feasible.map(({ load }) => load),
    cluster,
  );
  if (best !== undefined) return { nodeName: best.node.name };
  const counts = countRefusals(refused);
  if (candidates.length < all.length) counts.set(NOT_NAMED, all.length - candidates.length);
  return notPlaced(
    unschedulableMessage(all.length, reasonsOf(counts)),
    refused,
    [...counts.keys()].map(({ filter }) => filter),
  );
}

/** Each refusal and of how many nodes it is: they share them, so that this is few. */
function countRefusals(refused: readonly RefusedSlot[]): Map<Refusal, number> {
  const counts = new Map<Refusal, number>();
  for (const { refusal } of refused) counts.set(refusal, (counts.get(refusal) ?? 0) + 1);
  return counts;
}

function reasonsOf(refusals: ReadonlyMap<Refusal, number>): ReasonCounts {
  const counts = new Map<string, number>();
  for (const [{ reasons }, count] of refusals)
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + count);
  return counts;
}

const GATED: NotPlaced = {
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
  refused: [],
  blockers: new Set(['SchedulingGates']),
};

function notPlaced(
  message: string,
  refused: readonly RefusedSlot[],
  blockers: Iterable<FilterName>,
): NotPlaced {
  return { reason: 'Unschedulable', message, refused, blockers: new Set(blockers) };
}

/** Looks at nodes in turn until enough can take the pod. */
function search(
  slots: readonly Slot[],
  test: (slot: Slot) => Refusal | null,
  start: SearchStart,
): {
  readonly feasible: readonly Slot[];
  readonly refused: readonly RefusedSlot[];
} {
  const enough = feasibleNodesEnough(slots.length);
  const from = enough < slots.length ? start.at % slots.length : 0;
  const feasible: Slot[] = [];
  const refused: RefusedSlot[] = [];
  let looked = 0;
  while (looked < slots.length && feasible.length < enough) {
    const slot = slots[(from + looked) % slots.length];
    looked += 1;
    if (slot === undefined) continue;
    const refusal = test(slot);
    if (refusal === null) feasible.push(slot);
    else refused.push({ slot, refusal });
  }
  if (enough < slots.length) start.at = (from + looked) % slots.length;
  return { feasible, refused };
}
