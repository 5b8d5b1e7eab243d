import type { JsonObject } from '../base/json.ts';
import { asStored } from './custom/custom-object.ts';
import { OBJECT_META } from './custom/structural-types.ts';
import { defaultAutoscaler } from './defaults/autoscaler-defaults.ts';
import {
  defaultAdmissionPolicy,
  defaultCsiDriver,
  defaultCustomResource,
  defaultIngressClass,
  defaultLimitRange,
  defaultNetworkPolicy,
  defaultPersistentVolume,
  defaultPriorityClass,
  defaultRoleBinding,
  defaultStorageClass,
  defaultWebhooks,
} from './defaults/cluster-defaults.ts';
import { defaultNamespace, defaultNode, defaultSecret } from './defaults/config-defaults.ts';
import { defaultPod, defaultPodTemplate } from './defaults/pod-defaults.ts';
import { defaultEndpointSlice, defaultEndpoints, defaultService } from './defaults/service-defaults.ts';
import {
  defaultClaim,
  defaultCronJob,
  defaultDaemonSet,
  defaultDeployment,
  defaultJob,
  defaultReplicaSet,
  defaultReplicationController,
  defaultStatefulSet,
} from './defaults/workload-defaults.ts';
import { type Draft, type DraftObject, draftOf } from './draft.ts';
import { normalise } from './normalise.ts';
import type { KubeObject } from './object.ts';
import type { Kind, Schema } from './schema.ts';
import type { PodTemplateSpec } from './types.gen.ts';

/** Fills in, in place, what one kind leaves out. */
interface KindDefaults {
  // A method, so that each may name the type of the kind it is for.
  fill(draft: DraftObject): void;
}

const podTemplate = {
  fill: (draft: { template?: Draft<PodTemplateSpec> }): void => defaultPodTemplate(draft.template),
};

/** By `group/Kind`. Kinds that are not here have no defaults but those of the facts. */
const defaultsOf: ReadonlyMap<string, KindDefaults> = new Map<string, KindDefaults>([
  ['/LimitRange', { fill: defaultLimitRange }],
  ['/Namespace', { fill: defaultNamespace }],
  ['/Node', { fill: defaultNode }],
  ['/PersistentVolume', { fill: defaultPersistentVolume }],
  ['/PersistentVolumeClaim', { fill: defaultClaim }],
  ['/Pod', { fill: defaultPod }],
  ['/PodTemplate', podTemplate],
  ['/ReplicationController', { fill: defaultReplicationController }],
  ['/Secret', { fill: defaultSecret }],
  ['/Service', { fill: defaultService }],
  ['/Endpoints', { fill: defaultEndpoints }],
  ['apps/DaemonSet', { fill: defaultDaemonSet }],
  ['apps/Deployment', { fill: defaultDeployment }],
  ['apps/ReplicaSet', { fill: defaultReplicaSet }],
  ['apps/StatefulSet', { fill: defaultStatefulSet }],
  ['autoscaling/HorizontalPodAutoscaler', { fill: defaultAutoscaler }],
  ['batch/CronJob', { fill: defaultCronJob }],
  ['batch/Job', { fill: defaultJob }],
  ['discovery.k8s.io/EndpointSlice', { fill: defaultEndpointSlice }],
  ['networking.k8s.io/IngressClass', { fill: defaultIngressClass }],
  ['networking.k8s.io/NetworkPolicy', { fill: defaultNetworkPolicy }],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', { fill: defaultRoleBinding }],
  ['rbac.authorization.k8s.io/RoleBinding', { fill: defaultRoleBinding }],
  ['scheduling.k8s.io/PriorityClass', { fill: defaultPriorityClass }],
  ['storage.k8s.io/CSIDriver', { fill: defaultCsiDriver }],
  ['storage.k8s.io/StorageClass', { fill: defaultStorageClass }],
  ['admissionregistration.k8s.io/MutatingWebhookConfiguration', { fill: defaultWebhooks }],
  ['admissionregistration.k8s.io/ValidatingWebhookConfiguration', { fill: defaultWebhooks }],
  ['admissionregistration.k8s.io/ValidatingAdmissionPolicy', { fill: defaultAdmissionPolicy }],
  ['admissionregistration.k8s.io/MutatingAdmissionPolicy', { fill: defaultAdmissionPolicy }],
  ['apiextensions.k8s.io/CustomResourceDefinition', { fill: defaultCustomResource }],
]);

/**
 * The object as Kubernetes would keep it: normalised (see normalise.ts), and with every field filled in that its kind defaults.
 * Idempotent; a new value every time. The object has passed checkShape and stands in its stored version; one of a kind the schema
 * does not know comes back as it is. What needs the rest of the world (addresses, uids, service account) is not filled in here.
 */
export function applyDefaults<T extends KubeObject>(schema: Schema, object: T): T {
  const kind = schema.kindOf(object.apiVersion, object.kind);
  if (kind === undefined) return object;
  if (kind.custom !== undefined) return customDefaults(schema, kind, object);
  const draft = normalise(schema, kind.typeName, object);
  draft.metadata ??= {};
  defaultsOf.get(`${kind.group}/${kind.kind}`)?.fill(draft);
  return draft as KubeObject as T;
}

/** A custom resource is kept as it is written, nulls and empty lists too, but for its metadata. */
function customDefaults<T extends KubeObject>(schema: Schema, kind: Kind, object: T): T {
  const metadata = normalise(schema, OBJECT_META, object.metadata as JsonObject);
  const stored = asStored(kind, draftOf<JsonObject>(object) as KubeObject);
  return { ...stored, metadata } as KubeObject as T;
}
