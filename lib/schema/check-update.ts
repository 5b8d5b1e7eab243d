import { isObject, type JsonValue } from '../base/json.ts';
import type { Finding } from './finding.ts';
import { FindingList } from './finding-list.ts';
import { goLabelSelector, goStruct, goText, goTexts } from './go-value.ts';
import { ImmutableFields } from './immutable/immutable-fields.ts';
import { checkPodUpdate } from './immutable/pod-update.ts';
import type { KubeObject } from './object.ts';
import { compareQuantities, quantityOf } from './quantity.ts';
import type { Schema, Subresource } from './schema.ts';
import { forbiddenField, invalidText } from './wording.ts';

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
  const wording = forbiddenField('field is immutable when `immutable` is set');
  for (const name of ['immutable', 'data', 'binaryData', 'stringData'])
    fields.keep([name], undefined, { wording });
};

/** Addresses are given once; only the type of a Service that has none may bring one. */
const service: UpdateCheck = ({ old, new: changed }, fields) => {
  const type = (object: KubeObject): JsonValue | undefined =>
    isObject(object.spec) ? (object.spec.type ?? 'ClusterIP') : undefined;
  if (type(old) === 'ExternalName' || type(changed) === 'ExternalName') return;
  const { spec } = changed;
  const ips = isObject(spec) ? (spec.clusterIPs ?? [spec.clusterIP ?? '']) : [];
  // Both fields say the same; the API tells of the list.
  const said = {
    wording: invalidText(goTexts(ips), 'may not change once set'),
    apiPath: ['spec', 'clusterIPs', 0],
  };
  fields.keepOnceSet(['spec', 'clusterIP'], said);
  fields.keepFirst(['spec', 'clusterIPs'], said);
  fields.keepFirst(['spec', 'ipFamilies'], {
    wording: invalidText(goTexts(fields.becomes(['spec', 'ipFamilies'])), 'may not change once set'),
  });
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
const job: UpdateCheck = (update, fields) => {
  const { old, new: changed } = update;
  selector(update, fields);
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
const claim: UpdateCheck = ({ old }, fields) => {
  const said = { wording: forbiddenField(CLAIM_WORDS), apiPath: ['spec'] };
  fields.keepExcept(['spec'], ['resources', 'volumeName', 'volumeAttributesClassName'], said);
  fields.keepOnceSet(['spec', 'volumeName'], said);
  const storage = ['spec', 'resources', 'requests', 'storage'];
  const before = quantityOf(fields.was(storage));
  const after = quantityOf(fields.becomes(storage));
  if (before !== null && after !== null && compareQuantities(after, before) < 0)
    fields.refuse(storage, 'cannot be made smaller', {
      wording: forbiddenField('field can not be less than previous value'),
      apiPath: ['spec', 'resources', 'requests', 'storage'],
    });
  // Nobody makes a volume larger that the claim does not have yet.
  else if (before !== null && after !== null && compareQuantities(after, before) > 0 && !isBound(old))
    fields.refuse(storage, 'can only grow once the claim is bound', said);
};

const CLAIM_WORDS =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

function isBound({ status }: KubeObject): boolean {
  return isObject(status) && status.phase === 'Bound';
}

/** What a volume leads to stays; how large it is, and who has it, may change. Source: core/v1 ValidatePersistentVolumeUpdate. */
const volume: UpdateCheck = (_update, fields) => {
  fields.keepExcept(['spec'], VOLUME_OPEN, {
    wording: forbiddenField('spec.persistentvolumesource is immutable after creation'),
    apiPath: ['spec', 'persistentvolumesource'],
  });
  fields.keep(['spec', 'volumeMode']);
  fields.keepOnceSet(['spec', 'nodeAffinity']);
};

const VOLUME_OPEN = [
  'capacity',
  'accessModes',
  'claimRef',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'mountOptions',
  'volumeAttributesClassName',
  'volumeMode',
  'nodeAffinity',
];

/** Labels pick the pods of a workload: others would leave its old ones behind. */
const selector: UpdateCheck = (_update, fields) =>
  fields.keep(['spec', 'selector'], undefined, {
    wording: invalidText(goLabelSelector(fields.becomes(['spec', 'selector'])), 'field is immutable'),
  });

/** Whom a binding gives something may change; what it gives may not, or who may edit it could give more than he has. */
const binding: UpdateCheck = (_update, fields) => {
  const ref = fields.becomes(['roleRef']);
  const { apiGroup, kind, name } = isObject(ref) ? ref : {};
  const printed = { APIGroup: goText(apiGroup), Kind: goText(kind), Name: goText(name) };
  fields.keep(['roleRef'], undefined, {
    wording: invalidText(goStruct('rbac.RoleRef', printed), 'cannot change roleRef'),
  });
};

/** Source: storage validation.go ValidateStorageClassUpdate. */
const storageClass: UpdateCheck = (_update, fields) => {
  for (const name of ['provisioner', 'parameters', 'reclaimPolicy'])
    fields.keep([name], undefined, { wording: forbiddenField(`updates to ${name} are forbidden.`) });
  fields.keep(['volumeBindingMode']);
};

/** Source: scheduling validation.go ValidatePriorityClassUpdate. */
const priorityClass: UpdateCheck = (_update, fields) => {
  fields.keep(['value'], undefined, { wording: forbiddenField('may not be changed in an update.') });
  fields.keep(['preemptionPolicy']);
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
  ['/PersistentVolume', volume],
  ['/PersistentVolumeClaim', claim],
  ['/Service', service],
  ['apps/Deployment', selector],
  ['apps/ReplicaSet', selector],
  ['apps/DaemonSet', selector],
  ['apps/StatefulSet', (_update, fields) => fields.keepExcept(['spec'], STATEFUL_SET_OPEN)],
  ['apps/ControllerRevision', never('data')],
  ['batch/Job', job],
  ['networking.k8s.io/IngressClass', never('spec.controller')],
  ['discovery.k8s.io/EndpointSlice', never('addressType')],
  ['rbac.authorization.k8s.io/RoleBinding', binding],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', binding],
  ['/ResourceQuota', never('spec.scopes', 'spec.scopeSelector')],
  ['scheduling.k8s.io/PriorityClass', priorityClass],
  ['node.k8s.io/RuntimeClass', never('handler')],
  ['storage.k8s.io/StorageClass', storageClass],
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
