import { invalidValue, requiredValue, type Wording } from './wording.ts';

/** What the API adds when a field is missing. Keys are `Type.field`, the type without its package. */
const WHY: ReadonlyMap<string, string> = new Map([
  ['PolicyRule.verbs', 'verbs must contain at least one value'],
  ['PersistentVolumeClaimSpec.accessModes', 'at least 1 access mode is required'],
  ['HTTPIngressPath.pathType', 'pathType must be specified'],
  ['PodAffinityTerm.topologyKey', 'can not be empty'],
  ['TopologySpreadConstraint.topologyKey', 'can not be empty'],
  ['NodeSelector.nodeSelectorTerms', 'must have at least one node selector term'],
  ['MetricSpec.type', 'must specify a metric source type'],
  ['MetricTarget.type', 'must specify a metric target type'],
  ['ResourceMetricSource.name', 'must specify a resource name'],
  ['ContainerResourceMetricSource.name', 'must specify a resource name'],
  ['ContainerResourceMetricSource.container', 'must specify a container'],
  ['MetricIdentifier.name', 'must specify a metric name'],
]);

/** Fields whose absence is told of as an empty value. */
const EMPTY: ReadonlyMap<string, string> = new Map([
  ['OwnerReference.apiVersion', 'version must not be empty'],
  ['OwnerReference.kind', 'must not be empty'],
  ['OwnerReference.name', 'must not be empty'],
  ['OwnerReference.uid', 'must not be empty'],
]);

export function missingWords(typeName: string, field: string): Wording {
  const key = `${typeName.slice(typeName.lastIndexOf('.') + 1)}.${field}`;
  const empty = EMPTY.get(key);
  return empty === undefined ? requiredValue(WHY.get(key) ?? '') : invalidValue('', empty);
}
