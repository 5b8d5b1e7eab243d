/**
 * Where the facts say more, or less, than Kubernetes enforces. Keys are `Type.field`, the type without its package.
 * Source: apis/<group>/validation of Kubernetes 1.36; the facts come from its published types.
 */
import type { FieldDef } from './schema.ts';

/** The known values are names somebody defined, others are accepted. */
const OPEN_VALUES: ReadonlySet<string> = new Set([
  'Secret.type',
  'NamespaceSpec.finalizers',
  'EmptyDirVolumeSource.medium', // `HugePages-2Mi` and the like.
  'PodReadinessGate.conditionType',
  'PodFailurePolicyOnPodConditionsPattern.type',
  'LimitRangeItem.type', // Any qualified name.
  'LeaseSpec.strategy',
  'CertificateSigningRequestSpec.usages',
  'ComponentCondition.type',
  'NodeAddress.type',
  'StatusCause.reason',
  'Status.reason',
]);

/** Required by the published schema, read as empty by the server. */
const NOT_REQUIRED: ReadonlySet<string> = new Set([
  'ControllerRevision.revision',
  'CustomResourceDefinitionVersion.served',
  'CustomResourceDefinitionVersion.storage',
  'Event.metadata', // Every object needs metadata; said once, by the rule of names.
  'LimitRangeSpec.limits',
  'SleepAction.seconds',
]);

/** Not required by the published schema, refused by validation when absent. */
const REQUIRED_TOO: ReadonlySet<string> = new Set([
  'ReplicaSetSpec.template',
  'ReplicationControllerSpec.template',
  'PersistentVolumeClaimSpec.accessModes',
  'PersistentVolumeClaimSpec.resources',
  'PersistentVolumeSpec.capacity',
  'PersistentVolumeSpec.accessModes',
]);

/** Required, and the empty text or list is a value like others. */
const EMPTY_IS_A_VALUE: ReadonlySet<string> = new Set([
  'HTTPHeader.value',
  'Sysctl.value',
  'CSINodeSpec.drivers',
  'PodFailurePolicy.rules',
]);

function keyOf(typeName: string, field: string): string {
  return `${typeName.slice(typeName.lastIndexOf('.') + 1)}.${field}`;
}

export function takesOtherValues(field: {
  readonly typeName: string;
  readonly name: string;
  readonly def: FieldDef;
}): boolean {
  return OPEN_VALUES.has(keyOf(field.typeName, field.name)) || field.typeName.endsWith('Condition');
}

export function requiredNot(typeName: string, field: string): boolean {
  return NOT_REQUIRED.has(keyOf(typeName, field));
}

export function requiredBesides(typeName: string, field: string): boolean {
  return REQUIRED_TOO.has(keyOf(typeName, field));
}

export function mayBeEmpty(typeName: string, field: string): boolean {
  return EMPTY_IS_A_VALUE.has(keyOf(typeName, field));
}
