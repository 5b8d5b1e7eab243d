import type { PodDisruptionBudget } from '../../api/disruption-budget.ts';
import { matchesLabelSelector } from '../../schema/label-selector.ts';
import type { PodFacts } from '../facts/pod-facts.ts';

/**
 * The pods that could not go without a budget being overdrawn, where all of them go in this order. A pod without labels has no budget.
 * Source: upstream filterPodsWithPDBViolation.
 */
export function overdrawing(
  pods: readonly PodFacts[],
  budgets: readonly PodDisruptionBudget[],
): ReadonlySet<PodFacts> {
  const left = new Map(budgets.map((budget) => [budget, budget.status?.disruptionsAllowed ?? 0]));
  const over = new Set<PodFacts>();
  for (const pod of pods) {
    if (pod.anchors.length === 0) continue;
    for (const budget of budgets) {
      const { metadata, spec } = budget;
      if (metadata.namespace !== pod.namespace || spec?.selector === undefined) continue;
      if (!matchesLabelSelector(spec.selector, pod.labels)) continue;
      const rest = (left.get(budget) ?? 0) - 1;
      left.set(budget, rest);
      if (rest < 0) over.add(pod);
    }
  }
  return over;
}
