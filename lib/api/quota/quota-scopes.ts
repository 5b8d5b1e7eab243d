import type { KubeObject } from '../../schema/object.ts';
import { podQos } from '../../schema/qos.ts';
import type { Kind } from '../../schema/schema.ts';
import type { PersistentVolumeClaim, Pod, PodAffinityTerm } from '../../schema/types.gen.ts';
import type { ResourceQuota, ScopeRequirement } from './resource-quota.ts';

/**
 * Whether the quota is about this object. Only pods and claims have scopes: a quota with any is about nothing else.
 * Sources: podMatchesScopeFunc, pvcMatchesScopeFunc.
 */
export function quotaMatches({ spec }: ResourceQuota, kind: Kind, object: KubeObject): boolean {
  const requirements: readonly ScopeRequirement[] = [
    ...(spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' })),
    ...(spec?.scopeSelector?.matchExpressions ?? []),
  ];
  if (requirements.length === 0) return true;
  if (kind.group !== '') return false;
  if (kind.kind === 'PersistentVolumeClaim')
    return requirements.every((requirement) => claimMatches(object as PersistentVolumeClaim, requirement));
  return kind.kind === 'Pod' && requirements.every((requirement) => podMatches(object as Pod, requirement));
}

function claimMatches(
  { spec }: PersistentVolumeClaim,
  { scopeName, operator, values = [] }: ScopeRequirement,
): boolean {
  if (scopeName !== 'VolumeAttributesClass') return false;
  return classMatches(spec?.volumeAttributesClassName ?? '', operator, values);
}

function podMatches(pod: Pod, { scopeName, operator, values = [] }: ScopeRequirement): boolean {
  switch (scopeName) {
    case 'Terminating':
      return isBounded(pod);
    case 'NotTerminating':
      return !isBounded(pod);
    case 'BestEffort':
      return podQos(pod) === 'BestEffort';
    case 'NotBestEffort':
      return podQos(pod) !== 'BestEffort';
    case 'PriorityClass':
      return classMatches(pod.spec.priorityClassName ?? '', operator, values);
    case 'CrossNamespacePodAffinity':
      return looksElsewhere(pod);
    default:
      return false;
  }
}

function isBounded({ spec }: Pod): boolean {
  return spec.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds >= 0;
}

function classMatches(name: string, operator: string, values: readonly string[]): boolean {
  switch (operator) {
    case 'In':
      return values.includes(name);
    case 'NotIn':
      return !values.includes(name);
    case 'Exists':
      return name !== '';
    case 'DoesNotExist':
      return name === '';
    default:
      return false;
  }
}

function looksElsewhere({ spec }: Pod): boolean {
  const terms = [spec.affinity?.podAffinity, spec.affinity?.podAntiAffinity].flatMap((affinity) => [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((each) => each.podAffinityTerm),
  ]);
  return terms.some(
    ({ namespaces = [], namespaceSelector }: PodAffinityTerm) =>
      namespaces.length > 0 || namespaceSelector !== undefined,
  );
}
