import { type DurationMs, type EpochMs, secondMs } from '../../base/clock.ts';
import { type Behavior, longestPeriodSeconds, type ScalingRules } from './scaling-rules.ts';

export type Recommendation = { readonly replicas: number; readonly atMs: EpochMs };
/** So many pods came (or went) at once. */
export type ScaleEvent = { readonly change: number; readonly atMs: EpochMs };

/**
 * What an autoscaler must remember from look to look. It is kept in memory only: after a restart the present size counts as
 * recommended just now, so that nothing is taken away before a whole window has been watched.
 */
export type ScalingMemory = {
  readonly recommendations: readonly Recommendation[];
  readonly ups: readonly ScaleEvent[];
  readonly downs: readonly ScaleEvent[];
};

export function freshMemory(currentReplicas: number, now: EpochMs): ScalingMemory {
  return { recommendations: [{ replicas: currentReplicas, atMs: now }], ups: [], downs: [] };
}

/** With what is recommended now, without what no window reaches back to. */
export function withRecommendation(
  memory: ScalingMemory,
  replicas: number,
  { behavior, now }: { readonly behavior: Behavior; readonly now: EpochMs },
): ScalingMemory {
  const windowMs = Math.max(behavior.up.windowSeconds, behavior.down.windowSeconds) * secondMs;
  const kept = memory.recommendations.filter(({ atMs }) => atMs > now - windowMs);
  return { ...memory, recommendations: [...kept, { replicas, atMs: now }] };
}

/** With a change of size that has been made, without what no policy looks back to. */
export function withScaling(
  memory: ScalingMemory,
  sizes: { readonly before: number; readonly after: number },
  { behavior, now }: { readonly behavior: Behavior; readonly now: EpochMs },
): ScalingMemory {
  const change = sizes.after - sizes.before;
  const ups = recentEvents(memory.ups, behavior.up, now);
  const downs = recentEvents(memory.downs, behavior.down, now);
  if (change > 0) return { ...memory, ups: [...ups, { change, atMs: now }], downs };
  return { ...memory, ups, downs: [...downs, { change: -change, atMs: now }] };
}

/** How much was changed within the last `periodMs`. */
export function changeWithin(events: readonly ScaleEvent[], periodMs: DurationMs, now: EpochMs): number {
  return events.reduce((sum, { change, atMs }) => (atMs > now - periodMs ? sum + change : sum), 0);
}

function recentEvents(
  events: readonly ScaleEvent[],
  rules: ScalingRules,
  now: EpochMs,
): readonly ScaleEvent[] {
  const periodMs = longestPeriodSeconds(rules) * secondMs;
  return events.filter(({ atMs }) => atMs > now - periodMs);
}
