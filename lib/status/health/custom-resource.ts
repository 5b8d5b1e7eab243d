import type { KubeObject } from '../../schema/object.ts';
import { degraded, type Health, healthy, progressing } from '../health-state.ts';
import { conditionFacts, numberOf, statusOf } from './status-fields.ts';

/**
 * A custom resource that some controller acts on says so in its status, by the conditions most controllers keep: Stalled is
 * trouble, Reconciling and a Ready (or Available) that is not so are on their way. null: nothing in its status says anything.
 * Source: the conventions of the Kubernetes API for conditions.
 */
export function customResourceHealth(object: KubeObject): Health | null {
  const stalled = conditionFacts(object, 'Stalled');
  if (stalled?.status === 'True')
    return degraded(stalled.reason || 'Stalled', stalled.message || 'it is stalled');
  const seen = statusOf(object).observedGeneration;
  if (typeof seen === 'number' && seen < numberOf(object.metadata.generation, 0))
    return progressing('NotObserved', 'its controller has not seen its latest version');
  const reconciling = conditionFacts(object, 'Reconciling');
  if (reconciling?.status === 'True')
    return progressing(reconciling.reason || 'Reconciling', reconciling.message || 'it is being worked on');
  const ready = conditionFacts(object, 'Ready') ?? conditionFacts(object, 'Available');
  if (ready === null) return null;
  if (ready.status === 'True') return healthy;
  return progressing(ready.reason || 'NotReady', ready.message || 'it is not ready');
}
