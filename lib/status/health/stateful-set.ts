import { isObject } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { type Health, type HealthContext, healthy, progressing } from '../health-state.ts';
import { troubleOfPods } from './replica-set.ts';
import { numberOf, observed, specOf, statusOf } from './status-fields.ts';

/** All its pods are available, and above the partition of the present template where it rolls out by itself. */
export function statefulSetHealth(statefulSet: KubeObject, context: HealthContext): Health {
  const status = statusOf(statefulSet);
  const spec = specOf(statefulSet);
  const wanted = numberOf(spec.replicas, 1);
  const { updateStrategy } = spec;
  const strategy = isObject(updateStrategy) ? updateStrategy : {};
  const rolling = isObject(strategy.rollingUpdate) ? strategy.rollingUpdate : {};
  const kept = strategy.type === 'OnDelete' ? wanted : numberOf(rolling.partition, 0);
  const toUpdate = Math.max(0, wanted - kept);
  const updated = numberOf(status.updatedReplicas, 0);
  const available = numberOf(status.availableReplicas, 0);
  const seen = observed(statefulSet);
  const none = numberOf(status.replicas, 0) <= wanted;
  if (seen && none && available >= wanted && updated >= toUpdate) return healthy;
  const trouble = troubleOfPods(statefulSet, context);
  if (trouble !== null) return trouble;
  if (!seen) return progressing('RollingOut', 'it is about to roll out');
  return progressing('RollingOut', `${updated} of ${toUpdate} updated, ${available} of ${wanted} available`);
}
