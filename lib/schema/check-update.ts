import { isObject, type JsonValue } from '../base/json.ts';
import type { Finding } from './finding.ts';
import { FindingList } from './finding-list.ts';
import { ImmutableFields } from './immutable/immutable-fields.ts';
import { checkPodUpdate } from './immutable/pod-update.ts';
import type { KubeObject } from './object.ts';
import type { Schema, Subresource } from './schema.ts';

export type Update = {
  readonly old: KubeObject;
  readonly new: KubeObject;
  /** What it is written through; what a subresource alone may change, it alone changes. */
  readonly subresource?: Subresource;
};

type UpdateCheck = (update: Update, fields: ImmutableFields) => void;

/** Fields that stay as they are from creation on. */
const never = (...paths: readonly string[]): UpdateCheck => {
  const parts = paths.map((path) => path.split('.'));
  return (_update, fields) => {
    for (const path of parts) fields.keep(path);
  };
};

/** A ConfigMap or Secret that says it is immutable stays so, with all it holds. */
const immutableWhenSaid: UpdateCheck = ({ old }, fields) => {
  if (old.immutable !== true) return;
  for (const name of ['immutable', 'data', 'binaryData']) fields.keep([name]);
};

/** Addresses are given once; only the type of a Service that has none may bring one. */
const service: UpdateCheck = ({ old, new: changed }, fields) => {
  const type = (object: KubeObject): JsonValue | undefined =>
    isObject(object.spec) ? (object.spec.type ?? 'ClusterIP') : undefined;
  if (type(old) === 'ExternalName' || type(changed) === 'ExternalName') return;
  fields.keepOnceSet(['spec', 'clusterIP']);
  fields.keepFirst(['spec', 'clusterIPs']);
  fields.keepFirst(['spec', 'ipFamilies']);
};

/** What a StatefulSet may change of its spec. Source: apps validation.go ValidateStatefulSetUpdate. */
const STATEFUL_SET_OPEN = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

/** A Job that waits may still be moved: upstream lets its pods' placement change while it is suspended and has no pods. */
const job: UpdateCheck = ({ old, new: changed }, fields) => {
  fields.keep(['spec', 'selector']);
  fields.keep(['spec', 'completionMode']);
  fields.keep(['spec', 'podFailurePolicy']);
  fields.keep(['spec', 'backoffLimitPerIndex']);
  fields.keep(['spec', 'managedBy']);
  fields.keep(['spec', 'successPolicy']);
  if (!isElasticIndexed(old, changed)) fields.keep(['spec', 'completions']);
  const suspended = isObject(old.spec) && old.spec.suspend === true;
  const started = isObject(old.status) && old.status.startTime !== undefined;
  if (suspended && !started) {
    fields.keepExcept(['spec', 'template'], ['metadata', 'spec']);
    fields.keepExcept(
      ['spec', 'template', 'spec'],
      ['nodeSelector', 'affinity', 'tolerations', 'schedulingGates'],
    );
  } else fields.keep(['spec', 'template']);
};

/** An indexed Job may grow or shrink as long as it runs all its indexes at once. */
function isElasticIndexed(old: KubeObject, changed: KubeObject): boolean {
  const spec = changed.spec;
  return (
    isObject(spec) &&
    isObject(old.spec) &&
    spec.completionMode === 'Indexed' &&
    spec.completions !== undefined &&
    spec.completions === spec.parallelism
  );
}

/** A claim may only be asked to grow, once it is bound; its volume is given once. */
const claim: UpdateCheck = (_update, fields) => {
  fields.keepExcept(['spec'], ['resources', 'volumeName', 'volumeAttributesClassName']);
  fields.keepOnceSet(['spec', 'volumeName']);
};

/** By `group/Kind`. Sources: ValidateXUpdate of each kind's validation. */
const checks: ReadonlyMap<string, UpdateCheck> = new Map<string, UpdateCheck>([
  ['/ConfigMap', immutableWhenSaid],
  [
    '/Secret',
    (update, fields) => {
      fields.keep(['type']);
      immutableWhenSaid(update, fields);
    },
  ],
  ['/Pod', checkPodUpdate],
  ['/PersistentVolume', never('spec.volumeMode', 'spec.nodeAffinity')],
  ['/PersistentVolumeClaim', claim],
  ['/Service', service],
  ['apps/Deployment', never('spec.selector')],
  ['apps/ReplicaSet', never('spec.selector')],
  ['apps/DaemonSet', never('spec.selector')],
  ['apps/StatefulSet', (_update, fields) => fields.keepExcept(['spec'], STATEFUL_SET_OPEN)],
  ['apps/ControllerRevision', never('data')],
  ['batch/Job', job],
  ['networking.k8s.io/IngressClass', never('spec.controller')],
  ['discovery.k8s.io/EndpointSlice', never('addressType')],
  ['rbac.authorization.k8s.io/RoleBinding', never('roleRef')],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', never('roleRef')],
  ['scheduling.k8s.io/PriorityClass', never('value', 'preemptionPolicy')],
  ['node.k8s.io/RuntimeClass', never('handler')],
  ['storage.k8s.io/StorageClass', never('provisioner', 'parameters', 'reclaimPolicy', 'volumeBindingMode')],
  ['storage.k8s.io/VolumeAttachment', never('spec')],
  ['storage.k8s.io/CSIDriver', never('spec.attachRequired', 'spec.volumeLifecycleModes')],
  [
    'apiextensions.k8s.io/CustomResourceDefinition',
    never('spec.group', 'spec.scope', 'spec.names.kind', 'spec.names.plural'),
  ],
]);

/**
 * What of an update Kubernetes refuses because the field cannot change once the object exists. Both objects are in the stored
 * version, with their defaults applied (else a default looks like a change). All findings at once, rule `immutable-field`.
 */
export function checkUpdate(schema: Schema, update: Update): readonly Finding[] {
  const kind = schema.kindOf(update.new.apiVersion, update.new.kind);
  if (kind === undefined) return [];
  const list = new FindingList();
  const fields = new ImmutableFields(update, list);
  fields.keep(['metadata', 'name']);
  fields.keep(['metadata', 'namespace']);
  fields.keepOnceSet(['metadata', 'uid']);
  checks.get(`${kind.group}/${kind.kind}`)?.(update, fields);
  return list.findings();
}
