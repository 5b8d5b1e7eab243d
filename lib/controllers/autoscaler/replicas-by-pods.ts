import type { PodGroups } from './pod-groups.ts';
import { isWithin, type Tolerance } from './tolerance.ts';

/** What is measured of each pod, and what it is held against. Amounts are in thousandths. */
export type PodMeasure =
  | {
      readonly by: 'utilization';
      readonly targetPercent: number;
      /** By pod name. */
      readonly requests: ReadonlyMap<string, number>;
    }
  | { readonly by: 'average'; readonly targetMilli: number };

export type PodsProposal = {
  readonly replicas: number;
  /** Over the pods that count, cut to whole percent; null: not held against requests. */
  readonly utilizationPercent: number | null;
  readonly averageMilli: number;
};

type Amounts = ReadonlyMap<string, number>;
type Use = { readonly ratio: number; readonly percent: number | null; readonly averageMilli: number };

/**
 * How many replicas a measure of pods asks for; null: there is nothing to go by. Pods of which nothing is known are taken for what
 * speaks against a change: at their target when that would mean fewer, idle when it would mean more. The result never goes against
 * the direction the known pods point in. Source: upstream replica_calculator.go.
 */
export function replicasByPods(
  measure: PodMeasure,
  of: {
    readonly amounts: Amounts;
    readonly groups: PodGroups;
    readonly currentReplicas: number;
    readonly tolerance: Tolerance;
  },
): PodsProposal | null {
  const { groups, currentReplicas, tolerance } = of;
  const known = new Map(groups.ready.map((name) => [name, of.amounts.get(name) ?? 0]));
  const use = useOf(measure, known);
  if (use === null) return null;
  const proposal = (replicas: number): PodsProposal => ({
    replicas,
    utilizationPercent: use.percent,
    averageMilli: use.averageMilli,
  });
  const idle = use.ratio > 1 ? [...groups.unready] : [];
  if (idle.length === 0 && groups.missing.length === 0) {
    if (isWithin(tolerance, use.ratio)) return proposal(currentReplicas);
    return proposal(Math.ceil(use.ratio * known.size));
  }
  const assumed = new Map(known);
  if (use.ratio < 1) for (const name of groups.missing) assumed.set(name, atTarget(measure, name));
  if (use.ratio > 1) for (const name of [...groups.missing, ...idle]) assumed.set(name, 0);
  const ratio = useOf(measure, assumed)?.ratio ?? use.ratio;
  const crosses = (use.ratio < 1 && ratio > 1) || (use.ratio > 1 && ratio < 1);
  if (isWithin(tolerance, ratio) || crosses) return proposal(currentReplicas);
  const replicas = Math.ceil(ratio * assumed.size);
  const against = ratio < 1 ? replicas > currentReplicas : replicas < currentReplicas;
  return proposal(against ? currentReplicas : replicas);
}

function useOf(measure: PodMeasure, amounts: Amounts): Use | null {
  if (amounts.size === 0) return null;
  const total = sum(amounts.values());
  const averageMilli = Math.trunc(total / amounts.size);
  if (measure.by === 'average')
    return { ratio: averageMilli / measure.targetMilli, percent: null, averageMilli };
  const requested = sum([...amounts.keys()].map((name) => measure.requests.get(name) ?? 0));
  if (requested === 0) return null;
  const percent = Math.trunc((total * 100) / requested);
  return { ratio: percent / measure.targetPercent, percent, averageMilli };
}

/** Where the target is above the request, more than the request is not assumed but the target. */
function atTarget(measure: PodMeasure, name: string): number {
  if (measure.by === 'average') return measure.targetMilli;
  return ((measure.requests.get(name) ?? 0) * Math.max(100, measure.targetPercent)) / 100;
}

function sum(amounts: Iterable<number>): number {
  let total = 0;
  for (const amount of amounts) total += amount;
  return total;
}
