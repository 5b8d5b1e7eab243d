import { isObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { type Health, type HealthContext, healthy, progressing } from '../health-state.ts';
import { troubleOfPods } from './replica-set.ts';
import { numberOf, observed, specOf, statusOf } from './status-fields.ts';

/** Every node it is meant for has an available pod, of the present template where it rolls out by itself. */
export function daemonSetHealth(daemonSet: KubeObject, context: HealthContext): Health {
  const status = statusOf(daemonSet);
  const { updateStrategy } = specOf(daemonSet);
  const wanted = numberOf(status.desiredNumberScheduled, 0);
  const updated = numberOf(status.updatedNumberScheduled, 0);
  const available = numberOf(status.numberAvailable, 0);
  const rolls = !isObject(updateStrategy) || updateStrategy.type !== 'OnDelete';
  const seen = observed(daemonSet);
  if (seen && available >= wanted && (updated >= wanted || !rolls)) return healthy;
  const trouble = troubleOfPods(daemonSet, context);
  if (trouble !== null) return trouble;
  if (!seen) return progressing('RollingOut', 'it is about to roll out');
  return progressing('RollingOut', `${updated} of ${wanted} updated, ${available} available`);
}
