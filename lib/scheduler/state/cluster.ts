import type { Labels, Selector } from '../../schema/label-selector.ts';
import type { NodeFacts } from '../facts/node-facts.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import { type HeldTerms, heldTerms } from './held-terms.ts';
import { type CountRequest, type MatchCounts, matchCounters, type Placed } from './match-counts.ts';
import { type NodeLoad, withoutPod, withPod } from './node-load.ts';
import { nodeTable } from './node-table.ts';
import { nominations } from './nominations.ts';
import { podIndex } from './pod-index.ts';
import { type VolumeCatalog, volumeCatalog } from './volume-catalog.ts';

/** A node's load, which is another one after each pod that comes or goes. */
export type Slot = { readonly node: NodeFacts; readonly load: NodeLoad };

/** What scheduling asks of the cluster. */
export type ClusterView = {
  /** In the order they are looked at. */
  slots(): readonly Slot[];
  slot(nodeName: string): Slot | undefined;
  readonly volumes: VolumeCatalog;
  /** The volumes that decisions on their way have taken, by volume: the key of the claim. */
  readonly takenVolumes: ReadonlyMap<string, string>;
  namespaceLabels(namespace: string): Labels | undefined;
  /** What groups the pod with others, where it says nothing itself; null: nothing does. */
  groupOf(pod: PodFacts): Selector;
  counts(request: CountRequest): MatchCounts;
  held: Pick<HeldTerms, 'matching'>;
  /** Pods on nodes that use the claim. */
  usersOf(claim: string): readonly PodFacts[];
  /** Of the pods on nodes; Infinity: there are none. */
  lowestPriority(): number;
  /** On how many nodes the image is. */
  imageNodes(image: string): number;
  /** Pods that room is kept for on the node, where victims are on their way out. */
  nominatedOn(nodeName: string): readonly PodFacts[];
  hasNominated(): boolean;
};

/** The same, kept up with what changes. Every pod is on one node at most. */
export type Cluster = ClusterView & {
  setNode(node: NodeFacts): void;
  removeNode(name: string): void;
  /** The pod is on the node, wherever it was before. The node need not be known yet. */
  place(pod: PodFacts, nodeName: string): void;
  remove(uid: string): void;
  placed(uid: string): Placed | undefined;
  /** null: no longer. */
  nominate(pod: PodFacts, nodeName: string | null): void;
  takeVolume(volumeName: string, claim: string): void;
  releaseVolume(volumeName: string): void;
  /** Labels of namespaces have changed. */
  namespacesChanged(): void;
  /** Between decisions: forgets what nothing holds any more. */
  tidy(): void;
};

export type ClusterOptions = {
  readonly volumes?: VolumeCatalog;
  readonly namespaceLabels?: (namespace: string) => Labels | undefined;
  readonly groupOf?: (pod: PodFacts) => Selector;
};

export function cluster(options: ClusterOptions = {}): Cluster {
  const { volumes = volumeCatalog({}), namespaceLabels = () => undefined, groupOf = () => null } = options;
  const pods = podIndex();
  const nodes = nodeTable(pods.on);
  const nominated = nominations();
  const taken = new Map<string, string>();
  const terms = heldTerms();
  let termsAreStale = false;
  const counters = matchCounters({
    namespaceLabels,
    nodes: nodes.all,
    node: (name) => nodes.slot(name)?.node,
    placedWith: pods.with,
  });
  const count = (placed: Placed, by: 1 | -1): void => {
    const slot = nodes.slot(placed.nodeName);
    if (slot === undefined) return;
    slot.load = by === 1 ? withPod(slot.load, placed.facts) : withoutPod(slot.load, placed.facts);
    counters.placed(placed, by);
    if (!termsAreStale) terms.placed(placed.facts, slot.node, by);
  };
  const heldNow = (): HeldTerms => {
    if (!termsAreStale) return terms;
    termsAreStale = false;
    terms.clear();
    for (const { node, load } of nodes.slots()) for (const pod of load.pods) terms.placed(pod, node, 1);
    return terms;
  };
  const topologyChanged = (): void => {
    counters.forget();
    termsAreStale = true;
  };
  const remove = (uid: string): void => {
    const placed = pods.answers.placed(uid);
    if (placed === undefined) return;
    pods.delete(placed);
    count(placed, -1);
  };
  return {
    ...pods.answers,
    volumes,
    namespaceLabels,
    groupOf,
    takenVolumes: taken,
    slots: nodes.slots,
    slot: nodes.slot,
    counts: counters.of,
    held: { matching: (pod, labelsOf) => heldNow().matching(pod, labelsOf) },
    imageNodes: nodes.withImage,
    nominatedOn: nominated.on,
    hasNominated: nominated.any,
    setNode: (node) => void (nodes.set(node) && topologyChanged()),
    removeNode(name) {
      nodes.delete(name);
      topologyChanged();
    },
    place(facts, nodeName) {
      remove(facts.uid);
      const placed = { facts, nodeName };
      pods.add(placed);
      count(placed, 1);
    },
    remove,
    nominate: nominated.set,
    takeVolume: (name, claim) => void taken.set(name, claim),
    releaseVolume: (name) => void taken.delete(name),
    namespacesChanged: counters.forget,
    tidy: terms.tidy,
  };
}
