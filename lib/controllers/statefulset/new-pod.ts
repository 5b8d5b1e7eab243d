import { ownerReferenceTo } from '../../schema/owner.ts';
import type {
  PersistentVolumeClaim,
  Pod,
  PodTemplateSpec,
  StatefulSet,
  Volume,
} from '../../schema/types.gen.ts';
import { REVISION_HASH_LABEL } from '../revisions/history.ts';
import { claimNameOf, POD_INDEX_LABEL, POD_NAME_LABEL, podNameOf } from './identity.ts';

/** A pod of an ordinal: name, host name and claims are those of the one before it. Source: upstream newVersionedStatefulSetPod. */
export function newPod(
  statefulSet: StatefulSet,
  of: { readonly ordinal: number; readonly template: PodTemplateSpec; readonly revision: string },
): Pod {
  const { ordinal, template, revision } = of;
  const { labels, annotations, finalizers } = template.metadata ?? {};
  const name = podNameOf(statefulSet, ordinal);
  const { serviceName = '' } = statefulSet.spec;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: statefulSet.metadata.namespace,
      labels: {
        ...labels,
        [REVISION_HASH_LABEL]: revision,
        [POD_NAME_LABEL]: name,
        [POD_INDEX_LABEL]: String(ordinal),
      },
      ...(annotations !== undefined && { annotations }),
      ...(finalizers !== undefined && { finalizers }),
      ownerReferences: [ownerReferenceTo(statefulSet)],
    },
    spec: {
      ...template.spec,
      hostname: name,
      ...(serviceName !== '' && { subdomain: serviceName }),
      ...withClaims(statefulSet, template.spec.volumes ?? [], ordinal),
    },
  };
}

/** A claim takes the place of a volume of its name. */
function withClaims(
  statefulSet: StatefulSet,
  volumes: readonly Volume[],
  ordinal: number,
): { readonly volumes?: readonly Volume[] } {
  const claims = (statefulSet.spec.volumeClaimTemplates ?? []).map(({ metadata: { name } }) => {
    const claimName = claimNameOf(statefulSet, name, ordinal);
    return { name, persistentVolumeClaim: { claimName } };
  });
  const own = volumes.filter(({ name }) => !claims.some((claim) => claim.name === name));
  return claims.length + own.length === 0 ? {} : { volumes: [...claims, ...own] };
}

/** The claims of an ordinal. They outlive the pod, and the StatefulSet unless it says otherwise. */
export function newClaims(statefulSet: StatefulSet, ordinal: number): readonly PersistentVolumeClaim[] {
  const { volumeClaimTemplates = [], persistentVolumeClaimRetentionPolicy } = statefulSet.spec;
  const deleted = persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete';
  const owner = ownerReferenceTo(statefulSet);
  return volumeClaimTemplates.map((template) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      ...template.metadata,
      name: claimNameOf(statefulSet, template.metadata.name, ordinal),
      namespace: statefulSet.metadata.namespace,
      labels: { ...template.metadata.labels, ...statefulSet.spec.selector.matchLabels },
      ...(deleted && { ownerReferences: [owner] }),
    },
    spec: template.spec,
  }));
}
