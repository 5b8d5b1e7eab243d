import type { PodFacts } from './facts/pod-facts.ts';
import { preparePod, testWithNominated } from './feasible-nodes.ts';
import type { FilterName, Refusal } from './filters/filter.ts';
import { NOT_NAMED, namedNodes } from './filters/node-affinity.ts';
import { feasibleNodesEnough } from './sampling.ts';
import { bestNode } from './scores/scores.ts';
import type { Cluster, Slot } from './state/cluster.ts';
import { countReasons, NO_NODES, refusedMessage, unschedulableMessage } from './unschedulable-message.ts';

/** Where the search among many nodes begins; moves on with each, so that all nodes have their turn. */
export type SearchStart = { at: number };

export type NotPlaced = {
  readonly reason: 'Unschedulable' | 'SchedulingGated';
  readonly message: string;
  /** By node; where a refusal holds for the pod as a whole, none. */
  readonly refusals: ReadonlyMap<string, Refusal>;
  /** What refused it: only what changes something for one of these is worth another try. */
  readonly blockers: ReadonlySet<FilterName>;
};

export type Placement = { readonly nodeName: string } | NotPlaced;

/** Finds the best node for one pod. Changes nothing of the cluster but for the time of the call. Source: upstream schedulePod. */
export function schedulePod(pod: PodFacts, cluster: Cluster, start: SearchStart): Placement {
  if ((pod.pod.spec.schedulingGates ?? []).length > 0) return GATED;
  const all = cluster.slots();
  if (all.length === 0) return notPlaced(NO_NODES, new Map(), ['NodeName']);
  const prepared = preparePod(pod, cluster);
  if ('filter' in prepared) {
    const [reason = ''] = prepared.reasons;
    return notPlaced(refusedMessage(all.length, reason), new Map(), [prepared.filter]);
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
  const refusals = new Map(refused.map(({ slot, refusal }) => [slot.node.name, refusal]));
  if (names !== null)
    for (const { node } of all) if (!names.has(node.name)) refusals.set(node.name, NOT_NAMED);
  const counts = countReasons([...refusals.values()].map(({ reasons }) => reasons));
  return notPlaced(
    unschedulableMessage(all.length, counts),
    refusals,
    [...refusals.values()].map(({ filter }) => filter),
  );
}

const GATED: NotPlaced = {
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
  refusals: new Map(),
  blockers: new Set(['SchedulingGates']),
};

function notPlaced(
  message: string,
  refusals: ReadonlyMap<string, Refusal>,
  blockers: Iterable<FilterName>,
): NotPlaced {
  return { reason: 'Unschedulable', message, refusals, blockers: new Set(blockers) };
}

/** Looks at nodes in turn until enough can take the pod. */
function search(
  slots: readonly Slot[],
  test: (slot: Slot) => Refusal | null,
  start: SearchStart,
): {
  readonly feasible: readonly Slot[];
  readonly refused: readonly { readonly slot: Slot; readonly refusal: Refusal }[];
} {
  const enough = feasibleNodesEnough(slots.length);
  const from = enough < slots.length ? start.at % slots.length : 0;
  const feasible: Slot[] = [];
  const refused: { readonly slot: Slot; readonly refusal: Refusal }[] = [];
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
