import { cloneJson, deepEqual } from '../base/json.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Kind, Subresource } from '../schema/schema.ts';
import { admit } from './admission/admission-chain.ts';
import { ApiError } from './api-error.ts';
import { notFound } from './api-failures.ts';
import { conform } from './conform-object.ts';
import { isReleased, removeObject } from './delete-object.ts';
import { checkPreconditions, contentChanged, updatedMetadata } from './object-metadata.ts';
import { storableKind } from './storable-kind.ts';
import { mergeSubresource } from './subresource.ts';
import type { WriteContext } from './write-context.ts';

export function updateObject(
  context: WriteContext,
  given: KubeObject,
  subresource: Subresource | undefined,
): KubeObject {
  const kind = storableKind(context.schema, given.apiVersion, given.kind);
  const { name, namespace } = given.metadata;
  const previous = context.staging.get(kind, { namespace: namespace ?? '', name });
  if (previous === undefined) throw notFound(kind, name);
  const { uid, resourceVersion } = given.metadata;
  checkPreconditions(kind, previous, { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) });
  return replaceObject(context, { kind, previous, given: cloneJson(given), subresource });
}

/** `given` takes the place of `previous`, as far as the subresource and the rules let it. */
export function replaceObject(
  context: WriteContext,
  change: {
    readonly kind: Kind;
    readonly previous: KubeObject;
    readonly given: KubeObject;
    readonly subresource: Subresource | undefined;
  },
): KubeObject {
  const { kind, previous, subresource } = change;
  if (subresource !== undefined && !kind.subresources.includes(subresource)) {
    throw new ApiError('NotFound', `${kind.plural} have no subresource ${subresource}`);
  }
  const read = conform.read(context.schema, kind, change.given);
  const merged = mergeSubresource(kind, { previous, given: read, subresource });
  const metadata = updatedMetadata(kind, previous.metadata, merged.metadata);
  const object = admit(context, { kind, object: { ...merged, metadata }, previous });
  if (deepEqual(object, previous)) return previous;
  conform.check(context.schema, kind, object);
  const generation = (previous.metadata.generation ?? 1) + (contentChanged(previous, object) ? 1 : 0);
  const next = { ...object, metadata: { ...object.metadata, generation } };
  if (isReleased(next)) {
    removeObject(context, kind, next);
    return next;
  }
  return context.staging.put(kind, next);
}
