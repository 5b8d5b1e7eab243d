import { groupOf, type KubeObject } from '../schema/object.ts';
import { autoscalerHealth } from './health/autoscaler.ts';
import { budgetHealth } from './health/budget.ts';
import { claimHealth, volumeHealth } from './health/claim.ts';
import { cronJobHealth } from './health/cron-job.ts';
import { customResourceHealth } from './health/custom-resource.ts';
import { daemonSetHealth } from './health/daemon-set.ts';
import { definitionHealth } from './health/definition.ts';
import { deploymentHealth } from './health/deployment.ts';
import { jobHealth } from './health/job.ts';
import { namespaceHealth, terminatingHealth } from './health/namespace.ts';
import { nodeHealth } from './health/node.ts';
import { podHealth } from './health/pod.ts';
import { quotaHealth } from './health/quota.ts';
import { replicaSetHealth } from './health/replica-set.ts';
import { serviceHealth } from './health/service.ts';
import { signingRequestHealth } from './health/signing-request.ts';
import { statefulSetHealth } from './health/stateful-set.ts';
import { type Health, type HealthContext, healthy, progressing } from './health-state.ts';

type Rule = (object: KubeObject, context: HealthContext) => Health;

/** One rule a kind; kinds without one are healthy by being there. */
const RULES: Readonly<Record<string, Rule>> = {
  '/Namespace': namespaceHealth,
  '/Node': nodeHealth,
  '/ResourceQuota': quotaHealth,
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
  'policy/PodDisruptionBudget': budgetHealth,
  'apiextensions.k8s.io/CustomResourceDefinition': definitionHealth,
  'certificates.k8s.io/CertificateSigningRequest': signingRequestHealth,
};

/** The health of one live object. Total: any object, whatever its status says or lacks, has one. */
export function healthOf(object: KubeObject, context: HealthContext): Health {
  const name = `${groupOf(object.apiVersion)}/${object.kind}`;
  if (object.metadata.deletionTimestamp !== undefined)
    return name === '/Namespace'
      ? terminatingHealth(object)
      : progressing('Terminating', 'it is being deleted');
  const rule = Object.hasOwn(RULES, name) ? RULES[name] : undefined;
  if (rule !== undefined) return rule(object, context);
  const said = context.custom?.(object) === true ? customResourceHealth(object) : null;
  if (said !== null) return said;
  if (context.runs(object)) return healthy;
  return { state: 'Healthy', reason: 'NotRun', message: `${object.kind} is stored; nothing runs it yet` };
}
