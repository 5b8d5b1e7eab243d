import { isWithin, type Tolerance } from './tolerance.ts';

/** How many replicas one number for all of them asks for, held against a target of its own. Amounts are in thousandths. */
export function replicasByValue(of: {
  readonly valueMilli: number;
  readonly targetMilli: number;
  readonly currentReplicas: number;
  readonly readyPods: number;
  readonly tolerance: Tolerance;
}): number {
  const ratio = of.valueMilli / of.targetMilli;
  if (of.currentReplicas === 0) return Math.ceil(ratio);
  return isWithin(of.tolerance, ratio) ? of.currentReplicas : Math.ceil(ratio * of.readyPods);
}

/** The same, held against a target for each replica. `averageMilli` is over the replicas there are. */
export function replicasByAverage(of: {
  readonly valueMilli: number;
  readonly targetMilli: number;
  readonly statusReplicas: number;
  readonly tolerance: Tolerance;
}): { readonly replicas: number; readonly averageMilli: number } {
  const { valueMilli, targetMilli, statusReplicas } = of;
  const ratio = valueMilli / (targetMilli * statusReplicas);
  return {
    replicas: isWithin(of.tolerance, ratio) ? statusReplicas : Math.ceil(valueMilli / targetMilli),
    averageMilli: statusReplicas === 0 ? 0 : Math.ceil(valueMilli / statusReplicas),
  };
}
