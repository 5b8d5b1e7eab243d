import type { KubeObject } from '../schema/object.ts';
import type { Kind } from '../schema/schema.ts';

/** The object as it begins its life: what is not the user's to say is what the API says. */
export function initialObject(kind: Kind, given: KubeObject): KubeObject {
  const { status: _status, ...object } = given;
  if (!kind.subresources.includes('status')) return given;
  if (kind.group === '' && kind.kind === 'Pod') return { ...object, status: { phase: 'Pending' } };
  if (kind.group === '' && kind.kind === 'Namespace') return initialNamespace(object);
  return object;
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
