import type { PodDisruptionBudget } from '../../api/disruption-budget.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import { preparePod, testWithNominated } from '../feasible-nodes.ts';
import type { FilterName } from '../filters/filter.ts';
import { preemptionCandidatesEnough } from '../sampling.ts';
import type { NotPlaced, SearchStart } from '../schedule-pod.ts';
import type { Cluster, Slot } from '../state/cluster.ts';
import { countReasons, unschedulableMessage } from '../unschedulable-message.ts';
import { pickCandidate } from './pick-candidate.ts';
import { trialInCluster, trialOfNode } from './trial.ts';
import { type Candidate, NO_VICTIMS, victimsOnNode } from './victims-on-node.ts';

export type Preemption =
  | {
      readonly nodeName: string;
      readonly victims: readonly PodFacts[];
      /** Less important pods that the node was to be for: there is no room for them any more. */
      readonly displaced: readonly PodFacts[];
    }
  /** Why it would not help, as it is told. `waits`: room is being made already. */
  | { readonly message: string; readonly waits: boolean };

const ROOM_IS_MADE = 'not eligible due to a terminating pod on the nominated node.';
const NOT_HELPFUL = 'Preemption is not helpful for scheduling';
/** On a pod's DisruptionTarget condition. */
export const PREEMPTED = 'PreemptionByScheduler';

/** Whom a pod that found no node is to push off one. Source: upstream DefaultPreemption. */
export function decidePreemption(
  pod: PodFacts,
  found: NotPlaced,
  by: {
    readonly cluster: Cluster;
    readonly budgets: readonly PodDisruptionBudget[];
    readonly start: SearchStart;
  },
): Preemption {
  const { cluster } = by;
  const barred = whyNot(pod, found, cluster);
  if (barred !== null) return { message: `preemption: ${barred}`, waits: barred === ROOM_IS_MADE };
  const slots = cluster.slots();
  const open = found.refused.filter(({ refusal }) => !refusal.isFinal).map(({ slot }) => slot);
  const { candidates, reasons } =
    cluster.lowestPriority() < pod.priority ? dryRun(pod, open, by) : nobodyLower(open);
  const best = pickCandidate(candidates);
  if (best !== undefined) {
    const { nodeName, victims } = best;
    const displaced = cluster.nominatedOn(nodeName).filter(({ priority }) => priority < pod.priority);
    return { nodeName, victims, displaced };
  }
  const closed = slots.length - open.length;
  const counts = new Map(countReasons(reasons));
  if (closed > 0) counts.set(NOT_HELPFUL, closed);
  return { message: `preemption: ${unschedulableMessage(slots.length, counts)}`, waits: false };
}

function whyNot(pod: PodFacts, found: NotPlaced, cluster: Cluster): string | null {
  if (pod.pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const nominated = cluster.slot(pod.pod.status?.nominatedNodeName ?? '');
  const refused = found.refused.find(({ slot }) => slot === nominated);
  if (nominated === undefined || refused?.refusal.isFinal !== false) return null;
  const isGoing = nominated.load.pods.some((each) => each.priority < pod.priority && isVictim(each));
  return isGoing ? ROOM_IS_MADE : null;
}

/** It is on its way out for the sake of another. */
function isVictim({ pod, isTerminating }: PodFacts): boolean {
  return (
    isTerminating &&
    (pod.status?.conditions ?? []).some(
      ({ type, status, reason }) => type === 'DisruptionTarget' && status === 'True' && reason === PREEMPTED,
    )
  );
}

type DryRun = {
  readonly candidates: readonly Candidate[];
  /** Of nodes where preemption does not help. */
  readonly reasons: readonly (readonly string[])[];
};

function nobodyLower(open: readonly Slot[]): DryRun {
  return { candidates: [], reasons: open.map(() => NOBODY) };
}

const NOBODY: readonly string[] = [NO_VICTIMS];

/** These look at the pods of other nodes, too, or at what the cluster knows of them. */
const BEYOND_THE_NODE: ReadonlySet<FilterName> = new Set([
  'VolumeRestrictions',
  'PodTopologySpread',
  'InterPodAffinity',
]);

function dryRun(
  pod: PodFacts,
  open: readonly Slot[],
  by: {
    readonly cluster: Cluster;
    readonly budgets: readonly PodDisruptionBudget[];
    readonly start: SearchStart;
  },
): DryRun {
  const { cluster, budgets } = by;
  const candidates: Candidate[] = [];
  const reasons: (readonly string[])[] = [];
  const prepared = preparePod(pod, cluster);
  if ('filter' in prepared) return { candidates, reasons: open.map(() => prepared.reasons) };
  const test = testWithNominated(pod, prepared.test, cluster);
  const isLocal = !prepared.concerned.some((name) => BEYOND_THE_NODE.has(name));
  const enough = preemptionCandidatesEnough(open.length);
  // Few nodes are all looked at, and then it does not matter where one begins.
  const from = open.length > enough ? by.start.at % open.length : 0;
  for (let at = 0; at < open.length; at += 1) {
    const slot = open[(from + at) % open.length];
    if (slot === undefined) continue;
    const alone = isLocal && cluster.nominatedOn(slot.node.name).length === 0;
    const trial = alone ? trialOfNode(slot, test) : trialInCluster(slot, { cluster, test });
    const outcome = victimsOnNode(pod, slot, { trial, budgets });
    if ('reasons' in outcome) reasons.push(outcome.reasons);
    else candidates.push(outcome);
    if (candidates.length >= enough && candidates.some(({ violations }) => violations === 0)) break;
  }
  return { candidates, reasons };
}
