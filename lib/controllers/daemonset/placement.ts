import { matchesRequiredAffinity } from '../../schema/node-affinity.ts';
import { hasReported } from '../../schema/node-reported.ts';
import { findUntolerated } from '../../schema/taints.ts';
import type { DaemonSet, Node, PodSpec, Taint } from '../../schema/types.gen.ts';
import { daemonTolerations } from './tolerations.ts';

/** Whether a node is to get a pod of the DaemonSet, and whether it may keep one that it has. */
export type Placement = { readonly run: boolean; readonly keep: boolean };

const NOWHERE: Placement = { run: false, keep: false };

/**
 * By the template's node name, selector and affinity, and the node's taints: one that is not tolerated keeps new pods away,
 * and ends those there only where its effect is NoExecute. A node that has not reported gets no new ones yet. Source: upstream
 * NodeShouldRunDaemonPod.
 */
export function placementOf({ spec: { template } }: DaemonSet, node: Node): Placement {
  const spec: PodSpec = template.spec;
  if ((spec.nodeName ?? '') !== '' && spec.nodeName !== node.metadata.name) return NOWHERE;
  if (!matchesRequiredAffinity({ spec }, node)) return NOWHERE;
  const tolerations = daemonTolerations(spec);
  const borne = (...effects: readonly string[]): boolean => {
    const taints = (node.spec.taints ?? []).filter(({ effect }: Taint) => effects.includes(effect));
    return findUntolerated(tolerations, taints) === undefined;
  };
  if (hasReported(node) && borne('NoSchedule', 'NoExecute')) return { run: true, keep: true };
  return { run: false, keep: borne('NoExecute') };
}
