import type { KubeObject } from '../../schema/object.ts';
import { degraded, type Health, type HealthContext, healthy, progressing } from '../health-state.ts';
import { troubleOfPods } from './replica-set.ts';
import { conditionFacts, numberOf, observed, specOf, statusOf } from './status-fields.ts';

/** Rolled out (every replica updated and available), on its way, or stuck and why. */
export function deploymentHealth(deployment: KubeObject, context: HealthContext): Health {
  const spec = specOf(deployment);
  const status = statusOf(deployment);
  const wanted = numberOf(spec.replicas, 1);
  const updated = numberOf(status.updatedReplicas, 0);
  const available = numberOf(status.availableReplicas, 0);
  const total = numberOf(status.replicas, 0);
  const progress = conditionFacts(deployment, 'Progressing');
  if (observed(deployment) && progress?.reason === 'ProgressDeadlineExceeded') {
    const trouble = troubleOfPods(deployment, context);
    return degraded(
      'ProgressDeadlineExceeded',
      trouble === null ? progress.message : `${progress.message.replace(/\.$/, '')}; ${trouble.message}`,
    );
  }
  const failure = conditionFacts(deployment, 'ReplicaFailure');
  if (failure?.status === 'True') return degraded(failure.reason, failure.message);
  if (observed(deployment) && updated >= wanted && total <= updated && available >= wanted) return healthy;
  if (spec.paused === true)
    return { state: 'Suspended', reason: 'DeploymentPaused', message: 'spec.paused is true' };
  const trouble = troubleOfPods(deployment, context);
  if (trouble !== null) return trouble;
  // What its status counts is of before.
  if (!observed(deployment)) return progressing('RollingOut', 'it is about to roll out');
  return progressing('RollingOut', `${updated} of ${wanted} updated, ${available} available`);
}
