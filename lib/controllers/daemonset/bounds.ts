import { resolveIntOrPercent } from '../../schema/int-or-percent.ts';
import type { DaemonSet } from '../../schema/types.gen.ts';

/** How many nodes may lack an available pod, and how many may have two, while a rollout goes on. */
export type Bounds = { readonly maxUnavailable: number; readonly maxSurge: number };

/**
 * Percentages are of the nodes that are to have a pod, rounded up; were both 0, one may be unavailable, so that a rollout gets
 * on. null: pods are replaced only when somebody deletes them (OnDelete). Source: upstream daemonset_util, updatedDesiredAndNodeCounts.
 */
export function boundsOf({ spec }: DaemonSet, nodes: number): Bounds | null {
  const { type = 'RollingUpdate', rollingUpdate } = spec.updateStrategy ?? {};
  if (type !== 'RollingUpdate') return null;
  const resolve = (value: number | string): number =>
    resolveIntOrPercent(value, { total: nodes, round: 'up' }) ?? 0;
  const maxSurge = resolve(rollingUpdate?.maxSurge ?? 0);
  const maxUnavailable = resolve(rollingUpdate?.maxUnavailable ?? 1);
  return { maxSurge, maxUnavailable: maxSurge === 0 ? Math.max(1, maxUnavailable) : maxUnavailable };
}
