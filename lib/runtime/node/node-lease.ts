import { type EpochMs, toRfc3339Micro } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';
import type { ObjectRef } from '../../schema/object.ts';
import type { Lease, Node } from '../../schema/types.gen.ts';

/** Source: kubelet. */
const LEASE_NAMESPACE = 'kube-node-lease';

export function leaseRefOf(nodeName: string): ObjectRef {
  return { group: 'coordination.k8s.io', kind: 'Lease', namespace: LEASE_NAMESPACE, name: nodeName };
}

/** The node's lease, renewed at `now`; it goes with the Node. `before`: as it is; null: there is none. */
export function renewedLease(node: Node, before: Lease | null, now: EpochMs): Lease {
  const { name, uid = '' } = node.metadata;
  const spec = {
    ...before?.spec,
    holderIdentity: name,
    leaseDurationSeconds: timings.nodeLeaseMs / 1000,
    renewTime: toRfc3339Micro(now),
  };
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name, uid }];
  if (before !== null) return { ...before, metadata: { ...before.metadata, ownerReferences }, spec };
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: LEASE_NAMESPACE, ownerReferences },
    spec,
  };
}
