import { type EpochMs, secondMs } from '../../base/clock.ts';
import { changeWithin, type ScalingMemory } from './scaling-memory.ts';
import type { Behavior, ScalingRules } from './scaling-rules.ts';

export type LimitReason =
  | 'DesiredWithinRange'
  | 'TooFewReplicas'
  | 'TooManyReplicas'
  | 'ScaleUpLimit'
  | 'ScaleDownLimit';

export type Limited = { readonly replicas: number; readonly reason: LimitReason };

/** What of a wish may be done now, and what keeps it from more. Source: upstream convertDesiredReplicasWithBehaviorRate. */
export function limited(
  of: {
    readonly desired: number;
    readonly currentReplicas: number;
    readonly minReplicas: number;
    readonly maxReplicas: number;
  },
  memory: Pick<ScalingMemory, 'ups' | 'downs'>,
  { behavior, now }: { readonly behavior: Behavior; readonly now: EpochMs },
): Limited {
  const { desired, currentReplicas, minReplicas, maxReplicas } = of;
  if (desired > currentReplicas) {
    const most = Math.max(currentReplicas, upLimit(currentReplicas, memory, behavior.up, now));
    if (desired <= Math.min(most, maxReplicas)) return { replicas: desired, reason: 'DesiredWithinRange' };
    return most < maxReplicas
      ? { replicas: most, reason: 'ScaleUpLimit' }
      : { replicas: maxReplicas, reason: 'TooManyReplicas' };
  }
  if (desired < currentReplicas) {
    const fewest = Math.min(currentReplicas, downLimit(currentReplicas, memory, behavior.down, now));
    if (desired >= Math.max(fewest, minReplicas)) return { replicas: desired, reason: 'DesiredWithinRange' };
    return fewest > minReplicas
      ? { replicas: fewest, reason: 'ScaleDownLimit' }
      : { replicas: minReplicas, reason: 'TooFewReplicas' };
  }
  return { replicas: desired, reason: 'DesiredWithinRange' };
}

type Events = Pick<ScalingMemory, 'ups' | 'downs'>;

/** Each policy counts from what there was when its period began. Percentages are rounded up. */
function upLimit(current: number, events: Events, rules: ScalingRules, now: EpochMs): number {
  if (rules.selectPolicy === 'Disabled') return current;
  const proposals = rules.policies.map(({ type, value, periodSeconds }) => {
    const start = sizeAt(current, events, { periodMs: periodSeconds * secondMs, now });
    return type === 'Pods' ? start + value : Math.ceil((start * (100 + value)) / 100);
  });
  return rules.selectPolicy === 'Min' ? Math.min(...proposals) : Math.max(...proposals);
}

/** Here the percentages are cut, and the policy that changes least leaves the most. */
function downLimit(current: number, events: Events, rules: ScalingRules, now: EpochMs): number {
  if (rules.selectPolicy === 'Disabled') return current;
  const proposals = rules.policies.map(({ type, value, periodSeconds }) => {
    const start = sizeAt(current, events, { periodMs: periodSeconds * secondMs, now });
    return type === 'Pods' ? start - value : Math.trunc((start * (100 - value)) / 100);
  });
  return rules.selectPolicy === 'Min' ? Math.max(...proposals) : Math.min(...proposals);
}

function sizeAt(
  current: number,
  { ups, downs }: Events,
  of: { readonly periodMs: number; readonly now: EpochMs },
): number {
  return current - changeWithin(ups, of.periodMs, of.now) + changeWithin(downs, of.periodMs, of.now);
}
