import type { KubeObject } from '../schema/object.ts';
import type { Kind } from '../schema/schema.ts';

/** The object as it begins its life: what is not the user's to say is the API's. */
export function initialObject(kind: Kind, given: KubeObject): KubeObject {
  const { status: _status, ...object } = given;
  if (!kind.subresources.includes('status')) return given;
  if (kind.group !== '') return object;
  switch (kind.kind) {
    case 'Pod':
      return { ...object, status: { phase: 'Pending' } };
    case 'Service':
      return { ...object, status: { loadBalancer: {} } };
    case 'Namespace':
      return initialNamespace(object);
    default:
      return object;
  }
}

/** Source: namespace strategy PrepareForCreate and the defaulting of its label. */
function initialNamespace(namespace: KubeObject): KubeObject {
  const { metadata } = namespace;
  return {
    ...namespace,
    metadata: { ...metadata, labels: { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
}
