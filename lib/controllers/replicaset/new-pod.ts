import { ownerReferenceTo } from '../../schema/owner.ts';
import type { Pod, PodTemplateSpec, ReplicaSet } from '../../schema/types.gen.ts';

/** A pod of the owner's template. The API gives it its name. */
export function newPod(owner: ReplicaSet, template: PodTemplateSpec): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: '',
      generateName: `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace,
      ...(labels !== undefined && { labels }),
      ...(annotations !== undefined && { annotations }),
      ...(finalizers !== undefined && { finalizers }),
      ownerReferences: [ownerReferenceTo(owner)],
    },
    spec: template.spec,
  };
}
