import { resolveIntOrPercent } from '../../schema/int-or-percent.ts';
import type { DeploymentSpec } from '../../schema/types.gen.ts';

/** How far a rolling update may stray, in pods. */
export type Fenceposts = { readonly maxSurge: number; readonly maxUnavailable: number };

/** A Deployment's size and how it may get there. `rolling: false` is Recreate. */
export type Bounds = Fenceposts & { readonly replicas: number; readonly rolling: boolean };

/**
 * Resolves both against `replicas`: the surge rounds up, the unavailable down, and both zero become one unavailable (nothing
 * could move otherwise).
 *
 *     replicas 10, 25% / 25%  →  3 / 2
 *     replicas  1, 25% / 25%  →  1 / 0
 *     replicas  0,  0% /  0%  →  0 / 1
 *
 * Source: upstream ResolveFenceposts.
 */
export function resolveFenceposts(input: {
  readonly maxSurge: number | string | null | undefined;
  readonly maxUnavailable: number | string | null | undefined;
  readonly replicas: number;
}): Fenceposts {
  const { replicas } = input;
  // Validation lets nothing else in than numbers and percentages; what is neither is worth nothing, as upstream.
  const maxSurge = resolveIntOrPercent(input.maxSurge ?? 0, { total: replicas, round: 'up' }) ?? 0;
  const maxUnavailable =
    resolveIntOrPercent(input.maxUnavailable ?? 0, { total: replicas, round: 'down' }) ?? 0;
  return { maxSurge, maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable };
}

/** The bounds a rollout keeps: no surge and nothing unavailable by our hand unless rolling; never more unavailable than there are. */
export function boundsOf(spec: Pick<DeploymentSpec, 'replicas' | 'strategy'>): Bounds {
  const replicas = spec.replicas ?? 1;
  const rolling = spec.strategy?.type !== 'Recreate';
  if (!rolling) return { replicas, rolling, maxSurge: 0, maxUnavailable: 0 };
  const { maxSurge, maxUnavailable } = spec.strategy?.rollingUpdate ?? {};
  const resolved = resolveFenceposts({ maxSurge, maxUnavailable, replicas });
  return {
    replicas,
    rolling,
    maxSurge: resolved.maxSurge,
    maxUnavailable: replicas === 0 ? 0 : Math.min(resolved.maxUnavailable, replicas),
  };
}

/** Pods that must stay available; below it nothing is taken away by our hand. */
export function minAvailableOf(bounds: Bounds): number {
  return bounds.rolling ? bounds.replicas - bounds.maxUnavailable : 0;
}
