import { cloneJson, deepEqual, type JsonObject } from '../base/json.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Kind, Subresource } from '../schema/schema.ts';
import { admit } from './admission/admission-chain.ts';
import { ApiError } from './api-error.ts';
import { notFound } from './api-failures.ts';
import { checkObject, readObject, withDefaults } from './conform-object.ts';
import { isReleased, removeObject } from './delete-object.ts';
import { checkPreconditions, contentChanged, updatedMetadata } from './object-metadata.ts';
import { storableKind } from './storable-kind.ts';
import { mergeSubresource } from './subresource.ts';
import { withFields, withTrackedFields } from './track-fields.ts';
import { refuseUnconditional } from './unconditional-update.ts';
import type { WriteContext } from './write-context.ts';

export function updateObject(
  context: WriteContext,
  given: KubeObject,
  subresource: Subresource | undefined,
): KubeObject {
  const kind = storableKind(context.schema, given.apiVersion, given.kind);
  const before = storedBefore(context, kind, given);
  const read = readObject(context.schema, kind, {
    given,
    caller: context.caller,
    subresource,
    previous: before,
  });
  const { name, namespace, uid, resourceVersion } = read.metadata;
  const previous = context.staging.get(kind, { namespace: namespace ?? '', name });
  if (previous === undefined) throw notFound(kind, name);
  // Our own writers say what they mean by what they read.
  if (!resourceVersion && context.caller.tracksFields) refuseUnconditional(kind, name);
  checkPreconditions(kind, previous, { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) });
  return replaceObject(context, {
    ...{ kind, previous, read: cloneJson(read), subresource },
    apiVersion: given.apiVersion,
  });
}

/** What is stored under the name that the object says it has, whatever else is wrong with it. */
function storedBefore(context: WriteContext, kind: Kind, given: KubeObject): KubeObject | undefined {
  const { name, namespace } = given.metadata ?? {};
  if (typeof name !== 'string') return undefined;
  return context.staging.get(kind, { namespace: typeof namespace === 'string' ? namespace : '', name });
}

/** `read` takes the place of `previous`, as far as the subresource and the rules let it. */
export function replaceObject(
  context: WriteContext,
  change: {
    readonly kind: Kind;
    readonly previous: KubeObject;
    /** In the stored version, of the right shape, and nobody else's to change. */
    readonly read: KubeObject;
    readonly subresource: Subresource | undefined;
    /** The version of the request. */
    readonly apiVersion?: string | undefined;
    /** As server-side apply made them; else they are worked out. */
    readonly managedFields?: readonly JsonObject[];
  },
): KubeObject {
  const { kind, previous, subresource, managedFields, apiVersion } = change;
  if (subresource !== undefined && !kind.subresources.includes(subresource)) {
    throw new ApiError('NotFound', `${kind.plural} have no subresource ${subresource}`);
  }
  const merged = mergeSubresource(kind, { previous, given: change.read, subresource });
  const metadata = updatedMetadata(kind, previous.metadata, merged.metadata);
  const object = complete(context, change, { ...merged, metadata });
  const given = change.read.metadata.managedFields;
  const sameFields = deepEqual(
    managedFields ?? given ?? previous.metadata.managedFields,
    previous.metadata.managedFields,
  );
  if (sameFields && deepEqual(object, previous)) return previous;
  const { caller } = context;
  if (subresource !== 'status') checkObject(context.schema, kind, { object, previous, subresource, caller });
  const { generation } = previous.metadata;
  const counted =
    generation !== undefined && contentChanged(kind, previous, object)
      ? { ...object, metadata: { ...object.metadata, generation: generation + 1 } }
      : object;
  const next = managedFields
    ? withFields(counted, managedFields)
    : withTrackedFields(context, kind, { previous, object: counted, given, subresource, apiVersion });
  if (isReleased(next)) {
    removeObject(context, kind, next);
    return next;
  }
  return context.staging.put(kind, next);
}

/** Status is reported, not asked for: it takes no defaults, and no admission judges it. */
function complete(
  context: WriteContext,
  { kind, previous, subresource }: Parameters<typeof replaceObject>[1],
  object: KubeObject,
): KubeObject {
  if (subresource === 'status') return object;
  return admit(context, { kind, object: withDefaults(context.schema, object), previous });
}
