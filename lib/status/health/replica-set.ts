import type { KubeObject } from '../../schema/object.ts';
import { NODE_LOST } from '../../schema/pod-conditions.ts';
import { degraded, type Health, type HealthContext, healthy, progressing } from '../health-state.ts';
import { podTrouble, unplacedHealth } from './pod.ts';
import { conditionFacts, numberOf, observed, specOf, statusOf } from './status-fields.ts';

export function replicaSetHealth(set: KubeObject, context: HealthContext): Health {
  const wanted = numberOf(specOf(set).replicas, 1);
  const failure = conditionFacts(set, 'ReplicaFailure');
  if (failure?.status === 'True') return degraded(failure.reason, failure.message);
  const available = numberOf(statusOf(set).availableReplicas, 0);
  if (observed(set) && available >= wanted) return healthy;
  return troubleOfPods(set, context) ?? progressing('Scaling', `${available} of ${wanted} available`);
}

/** What keeps a workload's pods from being ready, as far as a pod says so; null when none does. A lost node may come back. */
export function troubleOfPods(workload: KubeObject, context: HealthContext): Health | null {
  const pods = context.podsOf(workload);
  for (const pod of pods) {
    const trouble = podTrouble(pod);
    if (trouble !== null) return degraded(trouble.reason, `pod ${pod.metadata.name}: ${trouble.message}`);
    const unplaced = unplacedHealth(pod);
    if (unplaced !== null && unplaced.state !== 'Suspended')
      return { ...unplaced, message: `pod ${pod.metadata.name}: ${unplaced.message}` };
  }
  for (const pod of pods) {
    const ready = conditionFacts(pod, 'Ready');
    if (ready?.status === 'False' && ready.reason === NODE_LOST)
      return progressing(NODE_LOST, `pod ${pod.metadata.name}: ${ready.message}`);
  }
  return null;
}
