import { isPodTerminal } from '../../schema/pod-conditions.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { targetNodeOf } from './target-node.ts';

/** Pods by the name of their node, the eldest first. */
export type PodsByNode = ReadonlyMap<string, readonly Pod[]>;

/**
 * Pods that are on their way out still hold their node, so that two of them never run side by side; those that have ended
 * besides do not. A pod that was made for no node in particular is nowhere.
 */
export function podsByNode(pods: readonly Pod[]): PodsByNode {
  const byNode = new Map<string, Pod[]>();
  for (const pod of pods) {
    const node = targetNodeOf(pod);
    if (node === null || (isPodTerminal(pod) && isGoing(pod))) continue;
    const there = byNode.get(node);
    if (there === undefined) byNode.set(node, [pod]);
    else there.push(pod);
  }
  for (const there of byNode.values()) there.sort(eldestFirst);
  return byNode;
}

export function isGoing({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** Those that have a node before those that wait for one. */
function eldestFirst(a: Pod, b: Pod): number {
  const waits = ({ spec }: Pod): number => ((spec.nodeName ?? '') === '' ? 1 : 0);
  if (waits(a) !== waits(b)) return waits(a) - waits(b);
  const [ageA, ageB] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  if (ageA !== ageB) return ageA < ageB ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
