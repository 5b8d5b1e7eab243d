import { cloneJson } from '../base/json.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Kind } from '../schema/schema.ts';
import { admit } from './admission/admission-chain.ts';
import { conform } from './conform-object.ts';
import { initialObject } from './new-object.ts';
import { newMetadata } from './object-metadata.ts';
import { storableKind } from './storable-kind.ts';
import type { WriteContext } from './write-context.ts';

export function createObject(context: WriteContext, given: KubeObject): KubeObject {
  const kind = storableKind(context.schema, given.apiVersion, given.kind);
  const copy = conform.read(context.schema, kind, cloneJson(given));
  const named = { ...copy, metadata: newMetadata(context, kind, copy.metadata) };
  const object = admit(context, { kind, object: initialObject(kind, named), previous: undefined });
  conform.check(context.schema, kind, object);
  const written = context.staging.put(kind, object);
  afterCreate(context, kind, written);
  return written;
}

/** What comes into being together with an object, in the same transaction. */
function afterCreate(context: WriteContext, kind: Kind, object: KubeObject): void {
  // A controller makes it in Kubernetes, and pods may come before it; here no pod can ever be too early.
  if (kind.group === '' && kind.kind === 'Namespace') {
    createObject(context, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'default', namespace: object.metadata.name },
    });
  }
}
