import type { KubeObject } from '../../schema/object.ts';
import { degraded, type Health, type HealthContext, healthy, progressing } from '../health-state.ts';
import { troubleOfPods } from './replica-set.ts';
import { conditionFacts, numberOf, specOf, statusOf } from './status-fields.ts';

export function jobHealth(job: KubeObject, context: HealthContext): Health {
  const failed = conditionFacts(job, 'Failed');
  if (failed?.status === 'True') return degraded(failed.reason, failed.message);
  if (conditionFacts(job, 'Complete')?.status === 'True') return { ...healthy, reason: 'Completed' };
  if (specOf(job).suspend === true)
    return { state: 'Suspended', reason: 'Suspended', message: 'spec.suspend is true' };
  const succeeded = numberOf(statusOf(job).succeeded, 0);
  const wanted = numberOf(specOf(job).completions, 1);
  return troubleOfPods(job, context) ?? progressing('Running', `${succeeded} of ${wanted} completed`);
}
