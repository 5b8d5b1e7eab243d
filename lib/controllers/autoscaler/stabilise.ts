import { type EpochMs, secondMs } from '../../base/clock.ts';
import type { Recommendation } from './scaling-memory.ts';
import type { Behavior } from './scaling-rules.ts';

/**
 * As many replicas as are wanted now, but no more than the least that was recommended within the window of scaling up, and no
 * fewer than the most within that of scaling down. Source: upstream stabilizeRecommendationWithBehaviors.
 */
export function stabilised(
  of: {
    readonly desired: number;
    readonly currentReplicas: number;
    readonly recommendations: readonly Recommendation[];
  },
  behavior: Behavior,
  now: EpochMs,
): number {
  const within = (seconds: number): readonly number[] =>
    of.recommendations.filter(({ atMs }) => atMs > now - seconds * secondMs).map(({ replicas }) => replicas);
  const least = within(behavior.up.windowSeconds).reduce((a, b) => Math.min(a, b), of.desired);
  const most = within(behavior.down.windowSeconds).reduce((a, b) => Math.max(a, b), of.desired);
  return Math.min(Math.max(of.currentReplicas, least), most);
}
