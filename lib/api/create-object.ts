import type { JsonObject } from '../base/json.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Kind } from '../schema/schema.ts';
import { admit } from './admission/admission-chain.ts';
import { checkObject, readObject, withDefaults } from './conform-object.ts';
import { initialObject } from './new-object.ts';
import { newMetadata } from './object-metadata.ts';
import { rootCertificateConfigMap } from './pod-access.ts';
import { refuseWhileTerminating, storableKind } from './storable-kind.ts';
import { withFields, withTrackedFields } from './track-fields.ts';
import type { WriteContext } from './write-context.ts';

/** `managedFields`: as server-side apply made them; else they are worked out. */
export function createObject(
  context: WriteContext,
  given: KubeObject,
  managedFields?: readonly JsonObject[],
): KubeObject {
  const { schema } = context;
  const kind = storableKind(schema, given.apiVersion, given.kind);
  refuseWhileTerminating(kind);
  const read = initialObject(kind, readObject(schema, kind, { given, caller: context.caller }));
  const named = { ...read, metadata: newMetadata(context, kind, read.metadata) };
  const object = admit(context, { kind, object: withDefaults(schema, named), previous: undefined });
  checkObject(schema, kind, { object, previous: undefined, caller: context.caller });
  const write = {
    previous: undefined,
    object,
    given: read.metadata.managedFields,
    subresource: undefined,
    apiVersion: given.apiVersion,
  };
  const owned = managedFields ? withFields(object, managedFields) : withTrackedFields(context, kind, write);
  const written = context.staging.put(kind, owned);
  afterCreate(context, kind, written);
  return written;
}

/** What comes into being together with an object, in the same transaction. */
function afterCreate(context: WriteContext, kind: Kind, object: KubeObject): void {
  // A controller makes it in Kubernetes, and pods may come before it; here no pod can ever be too early.
  if (kind.group !== '' || kind.kind !== 'Namespace') return;
  const namespace = object.metadata.name;
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } };
  createObject(context, account);
  const { rootCertificate } = context.settings;
  if (rootCertificate !== undefined)
    createObject(context, rootCertificateConfigMap(namespace, rootCertificate));
}
