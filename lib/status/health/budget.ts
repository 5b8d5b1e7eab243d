import type { KubeObject } from '../../schema/object.ts';
import { degraded, type Health, healthy, progressing } from '../health-state.ts';
import { conditionFacts, numberOf, observed, statusOf } from './status-fields.ts';

/**
 * A PodDisruptionBudget is healthy while as many pods are healthy as it asks for: one that lets none go, for just so many are
 * there, does what it was written for.
 */
export function budgetHealth(budget: KubeObject): Health {
  const allowed = conditionFacts(budget, 'DisruptionAllowed');
  if (allowed?.reason === 'SyncFailed') return degraded('SyncFailed', allowed.message);
  if (!observed(budget) || allowed === null)
    return progressing('NotCounted', 'its pods have not been counted');
  const { currentHealthy, desiredHealthy } = statusOf(budget);
  const [current, wanted] = [numberOf(currentHealthy, 0), numberOf(desiredHealthy, 0)];
  if (current >= wanted) return healthy;
  return progressing('InsufficientPods', `${current} of ${wanted} pods are healthy`);
}
