import { secondMs } from '../../base/clock.ts';
import { conditionOf } from '../../schema/conditions.ts';
import type { Node } from '../../schema/types.gen.ts';

/** Source: upstream node lifecycle controller: eviction rates, unhealthy zone threshold, large cluster threshold. */
const EVICT_EVERY_MS = 10 * secondMs;
const EVICT_SELDOM_EVERY_MS = 100 * secondMs;
const DISRUPTED_SHARE = 0.55;
const DISRUPTED_NODES_LEAST = 3;
const LARGE_ZONE_NODES = 50;

/** How a zone is doing. */
export type ZoneState = {
  readonly state: 'normal' | 'partial-disruption' | 'full-disruption';
  /** So often a node that is lost is told to let go of its pods; null: none is. */
  readonly evictEveryMs: number | null;
};

/** The zone a node is in, by its labels. */
export function zoneOf({ metadata: { labels = {} } }: Node): string {
  return `${labels['topology.kubernetes.io/region'] ?? ''}/${labels['topology.kubernetes.io/zone'] ?? ''}`;
}

/** Of the nodes of one zone. A zone that is mostly lost is more likely cut off than dead. */
export function zoneState(nodes: readonly Node[]): ZoneState {
  const lost = nodes.filter(
    ({ status }) => (conditionOf(status?.conditions, 'Ready')?.status ?? 'Unknown') !== 'True',
  ).length;
  if (lost > 0 && lost === nodes.length) return { state: 'full-disruption', evictEveryMs: null };
  if (lost < DISRUPTED_NODES_LEAST || lost / nodes.length < DISRUPTED_SHARE)
    return { state: 'normal', evictEveryMs: EVICT_EVERY_MS };
  const evictEveryMs = nodes.length > LARGE_ZONE_NODES ? EVICT_SELDOM_EVERY_MS : null;
  return { state: 'partial-disruption', evictEveryMs };
}
