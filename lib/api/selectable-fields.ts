import type { Kind } from '../schema/schema.ts';

const METADATA = ['metadata.name', 'metadata.namespace'];

/** Source: the field label conversions of each API group (K). */
const BY_KIND: ReadonlyMap<string, readonly string[]> = new Map([
  [
    '/Pod',
    [
      'spec.nodeName',
      'spec.restartPolicy',
      'spec.schedulerName',
      'spec.serviceAccountName',
      'spec.hostNetwork',
      'status.phase',
      'status.podIP',
      'status.nominatedNodeName',
    ],
  ],
  [
    '/Event',
    [
      ...['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
        (field) => `involvedObject.${field}`,
      ),
      'reason',
      'reportingComponent',
      'source.component',
      'type',
    ],
  ],
  ['/Node', ['spec.unschedulable']],
  ['/Secret', ['type']],
  ['/Namespace', ['status.phase']],
  ['/Service', ['spec.clusterIP', 'spec.type']],
  ['/ReplicationController', ['status.replicas']],
  ['apps/ReplicaSet', ['status.replicas']],
  ['batch/Job', ['status.successful']],
  ['certificates.k8s.io/CertificateSigningRequest', ['spec.signerName']],
]);

/** The dotted paths objects of this kind can be selected by. */
export function fieldsOf(kind: Kind): ReadonlySet<string> {
  const custom = kind.custom?.versions.get(kind.version)?.selectable;
  return new Set([...METADATA, ...(custom ?? BY_KIND.get(`${kind.group}/${kind.kind}`) ?? [])]);
}
