import type { Draft } from '../draft.ts';
import type { Namespace, Node, Secret } from '../types.gen.ts';

/** `stringData` is for writing only: it is merged into `data`, over what stands there. */
export function defaultSecret(secret: Draft<Secret>): void {
  secret.type ??= 'Opaque';
  const { stringData } = secret;
  delete secret.stringData;
  if (stringData === undefined) return;
  secret.data ??= {};
  for (const [key, text] of Object.entries(stringData)) {
    if (typeof text === 'string') secret.data[key] = Buffer.from(text, 'utf8').toString('base64');
  }
}

const NAME_LABEL = 'kubernetes.io/metadata.name';

/** Every namespace can be selected by its name. */
export function defaultNamespace(namespace: Draft<Namespace>): void {
  const { name } = namespace.metadata;
  if (typeof name !== 'string' || name === '') return;
  namespace.metadata.labels ??= {};
  namespace.metadata.labels[NAME_LABEL] = name;
}

/** Kubernetes writes an empty spec where none is given, and whoever reads a Node counts on it. */
export function defaultNode(node: Draft<Node>): void {
  node.spec ??= {};
}
