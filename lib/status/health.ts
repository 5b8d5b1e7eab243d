import { groupOf, type KubeObject } from '../schema/object.ts';
import { autoscalerHealth } from './health/autoscaler.ts';
import { claimHealth, volumeHealth } from './health/claim.ts';
import { cronJobHealth } from './health/cron-job.ts';
import { daemonSetHealth } from './health/daemon-set.ts';
import { deploymentHealth } from './health/deployment.ts';
import { jobHealth } from './health/job.ts';
import { namespaceHealth } from './health/namespace.ts';
import { podHealth } from './health/pod.ts';
import { replicaSetHealth } from './health/replica-set.ts';
import { serviceHealth } from './health/service.ts';
import { statefulSetHealth } from './health/stateful-set.ts';
import { type Health, type HealthContext, healthy, progressing } from './health-state.ts';

type Rule = (object: KubeObject, context: HealthContext) => Health;

/** One rule a kind; kinds without one are healthy by being there. */
const RULES: Readonly<Record<string, Rule>> = {
  '/Namespace': namespaceHealth,
  '/Pod': podHealth,
  '/Service': serviceHealth,
  '/PersistentVolumeClaim': claimHealth,
  '/PersistentVolume': volumeHealth,
  '/ReplicationController': replicaSetHealth,
  'apps/ReplicaSet': replicaSetHealth,
  'apps/Deployment': deploymentHealth,
  'apps/DaemonSet': daemonSetHealth,
  'apps/StatefulSet': statefulSetHealth,
  'batch/Job': jobHealth,
  'batch/CronJob': cronJobHealth,
  'autoscaling/HorizontalPodAutoscaler': autoscalerHealth,
};

/** The health of one live object. Total: any object, whatever its status says or lacks, has one. */
export function healthOf(object: KubeObject, context: HealthContext): Health {
  if (object.metadata.deletionTimestamp !== undefined)
    return progressing('Terminating', 'it is being deleted');
  const rule = RULES[`${groupOf(object.apiVersion)}/${object.kind}`];
  if (rule !== undefined) return rule(object, context);
  if (context.runs(object)) return healthy;
  return { state: 'Healthy', reason: 'NotRun', message: `${object.kind} is stored; nothing runs it yet` };
}
