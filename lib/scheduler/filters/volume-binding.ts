import { LOCAL_PROVISIONER, SELECTED_NODE } from '../../schema/local-volume.ts';
import { matchVolume } from '../../schema/match-volume.ts';
import { matchesNodeSelector } from '../../schema/node-affinity.ts';
import { UNBOUND_CLAIMS } from '../../schema/pod-conditions.ts';
import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
  TopologySelectorTerm,
} from '../../schema/types.gen.ts';
import type { NodeFacts } from '../facts/node-facts.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import type { ClusterView } from '../state/cluster.ts';
import { claimKey } from '../state/volume-catalog.ts';
import type { Filter, Prepared, Refusal } from './filter.ts';

const refusal = (reason: string): Refusal => ({ filter: 'VolumeBinding', reasons: [reason], isFinal: true });
const refuses = (reason: string): Prepared => ({ refuses: refusal(reason) });

const GONE = refusal('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)');
const ELSEWHERE = refusal('node(s) had volume node affinity conflict');
const NONE_FITS = refusal("node(s) didn't find available persistent volumes to bind");

/**
 * Claims are there; bound ones can be reached from the node; those that wait for their first pod can be given a volume there. Any other
 * unbound claim holds the pod back, wherever it may go. Source: upstream VolumeBinding.
 */
export const volumeBinding: Filter = {
  name: 'VolumeBinding',
  prepare(pod, cluster) {
    if (pod.claims.length === 0) return null;
    const { volumes } = cluster;
    const bound: PersistentVolumeClaim[] = [];
    const delayed: PersistentVolumeClaim[] = [];
    for (const name of pod.claims) {
      const claim = volumes.claim(pod.namespace, name);
      if (claim === undefined) return refuses(`persistentvolumeclaim "${name}" not found`);
      const { metadata, spec, status } = claim;
      if (metadata.deletionTimestamp !== undefined)
        return refuses(`persistentvolumeclaim "${name}" is being deleted`);
      if (status?.phase === 'Lost')
        return refuses(
          `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${spec?.volumeName ?? ''}"`,
        );
      if (isBound(claim)) bound.push(claim);
      else if (isDelayed(claim, volumes.storageClass(spec?.storageClassName ?? ''))) delayed.push(claim);
      else return refuses(UNBOUND_CLAIMS);
    }
    return {
      test: ({ node }) =>
        boundRefusal(bound, node, cluster) ??
        (volumesFor(delayed, node, cluster) === null ? NONE_FITS : null),
    };
  },
};

/** Volume and claim name each other. */
export function isBound({ status, spec }: PersistentVolumeClaim): boolean {
  return status?.phase === 'Bound' && (spec?.volumeName ?? '') !== '';
}

/** Whether it is for a pod's node to say where the volume is to be. */
function isDelayed({ spec }: PersistentVolumeClaim, storageClass: StorageClass | undefined): boolean {
  return (spec?.volumeName ?? '') === '' && storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
}

function boundRefusal(
  bound: readonly PersistentVolumeClaim[],
  { node }: NodeFacts,
  { volumes }: ClusterView,
): Refusal | null {
  for (const { spec } of bound) {
    const volume = volumes.volume(spec?.volumeName ?? '');
    if (volume === undefined) return GONE;
    if (!isReached(volume, node)) return ELSEWHERE;
  }
  return null;
}

function isReached({ spec }: PersistentVolume, node: Node): boolean {
  const required = spec.nodeAffinity?.required;
  return required === undefined || matchesNodeSelector(required, node);
}

/** What a claim would get on a node: a volume there is, or one that is made. */
export type VolumeChoice = { readonly claim: PersistentVolumeClaim; readonly volume: string | null };

/** The claims of the pod that wait for their node, and what each would get there; null: one of them nothing. */
export function chooseVolumes(
  pod: PodFacts,
  node: NodeFacts,
  cluster: ClusterView,
): readonly VolumeChoice[] | null {
  const { volumes } = cluster;
  const waiting = pod.claims
    .map((name) => volumes.claim(pod.namespace, name))
    .filter((claim) => claim !== undefined)
    .filter((claim) => !isBound(claim));
  return volumesFor(waiting, node, cluster);
}

/** Smallest claims first would be a choice too; this is the order of the pod's volumes, which is the same at every look. */
function volumesFor(
  delayed: readonly PersistentVolumeClaim[],
  node: NodeFacts,
  { volumes, takenVolumes, slot }: ClusterView,
): readonly VolumeChoice[] | null {
  const chosen: VolumeChoice[] = [];
  const used = new Set<string>();
  for (const claim of delayed) {
    const selected = claim.metadata.annotations?.[SELECTED_NODE];
    // A node that has gone is no choice any more.
    if (selected !== undefined && selected !== node.name && slot(selected) !== undefined) return null;
    const own = claimKey(claim.metadata);
    const free = volumes.volumes().filter(({ metadata: { name } }) => {
      const taker = takenVolumes.get(name);
      return !used.has(name) && (taker === undefined || taker === own);
    });
    const volume = matchVolume(
      claim,
      free.filter((each) => isReached(each, node.node)),
    );
    if (
      volume === undefined &&
      !isProvided(claim, node, volumes.storageClass(claim.spec?.storageClassName ?? ''))
    )
      return null;
    if (volume !== undefined) used.add(volume.metadata.name);
    chosen.push({ claim, volume: volume?.metadata.name ?? null });
  }
  return chosen;
}

/** Whether one would be made: by the provisioner of this machine, where its class allows it. */
function isProvided(
  { spec }: PersistentVolumeClaim,
  node: NodeFacts,
  storageClass: StorageClass | undefined,
): boolean {
  if (storageClass?.provisioner !== LOCAL_PROVISIONER) return false;
  if (spec?.selector !== undefined || spec?.volumeMode === 'Block') return false;
  const { allowedTopologies = [] } = storageClass;
  return allowedTopologies.length === 0 || allowedTopologies.some((term) => allows(term, node));
}

function allows({ matchLabelExpressions = [] }: TopologySelectorTerm, { labels }: NodeFacts): boolean {
  return matchLabelExpressions.every(
    ({ key, values }) => Object.hasOwn(labels, key) && values.includes(labels[key] ?? ''),
  );
}
