import { ownerReferenceTo } from '../../schema/owner.ts';
import type { Affinity, DaemonSet, Pod } from '../../schema/types.gen.ts';
import { REVISION_HASH_LABEL } from '../revisions/history.ts';
import { NODE_FIELD } from './target-node.ts';
import { daemonTolerations } from './tolerations.ts';

/** A pod of the template for one node. The scheduler binds it, to that node or none; the API gives it its name. */
export function newPod(daemonSet: DaemonSet, at: { readonly node: string; readonly hash: string }): Pod {
  const { template } = daemonSet.spec;
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: '',
      generateName: `${daemonSet.metadata.name}-`,
      namespace: daemonSet.metadata.namespace,
      labels: { ...labels, [REVISION_HASH_LABEL]: at.hash },
      ...(annotations !== undefined && { annotations }),
      ...(finalizers !== undefined && { finalizers }),
      ownerReferences: [ownerReferenceTo(daemonSet)],
    },
    spec: {
      ...template.spec,
      affinity: onlyOn(at.node, template.spec.affinity),
      tolerations: daemonTolerations(template.spec),
    },
  };
}

/** Whether the template's own affinity allows the node was asked before: only the node is left of what is required. */
function onlyOn(node: string, affinity: Affinity | undefined): Affinity {
  const term = { matchFields: [{ key: NODE_FIELD, operator: 'In', values: [node] }] };
  const required = { nodeSelectorTerms: [term] };
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: required,
    },
  };
}
