import type { JsonObject } from '../base/json.ts';
import { updateManagedFields } from '../schema/managed-fields/update-managed-fields.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Kind, Subresource } from '../schema/schema.ts';
import type { WriteContext } from './write-context.ts';

/** Who wrote what nobody kept count of: the objects that git and controllers made. */
const OWN_MANAGER = 'pintle';

/**
 * Whether a write says who owns which fields. Callers from outside want it; once an object has managedFields every write keeps
 * them true. Objects that only Pintle itself has written go without: nobody contends for them, and it costs every write.
 */
export function isTracked({ caller }: WriteContext, previous: KubeObject | undefined): boolean {
  return caller.tracksFields === true || (previous?.metadata.managedFields?.length ?? 0) > 0;
}

/** The object with its managedFields after this write. `given`: those the caller sent, if any. */
export function withTrackedFields(
  context: WriteContext,
  kind: Kind,
  write: {
    readonly previous: KubeObject | undefined;
    readonly object: KubeObject;
    readonly given: readonly JsonObject[] | undefined;
    readonly subresource: Subresource | undefined;
    /** As the request had it. */
    readonly apiVersion?: string | undefined;
  },
): KubeObject {
  const { previous, object, given, subresource, apiVersion } = write;
  if (!isTracked(context, previous)) return object;
  const { schema, now, caller } = context;
  const { typeName } = kind;
  const managedFields = updateManagedFields({
    ...{ schema, typeName, now },
    before: previous === undefined ? null : claimed(context, kind, previous),
    after: withFields(object, given),
    manager: caller.fieldManager,
    apiVersion: ownedAs(kind, apiVersion),
    subresource: subresource ?? '',
  });
  return withFields(object, managedFields);
}

/** Versions of custom resources share their fields; of other kinds the paths would be those of another form. */
export function ownedAs(kind: Kind, apiVersion: string | undefined): string | undefined {
  return kind.custom === undefined ? undefined : apiVersion;
}

/** An object that has no managedFields yet, with all of it owned by Pintle. */
export function claimed({ schema }: WriteContext, kind: Kind, object: KubeObject): KubeObject {
  if ((object.metadata.managedFields?.length ?? 0) > 0) return object;
  const managedFields = updateManagedFields({
    ...{
      schema,
      typeName: kind.typeName,
      before: null,
      after: object,
      manager: OWN_MANAGER,
      subresource: '',
    },
    now: Date.parse(object.metadata.creationTimestamp ?? '') || 0,
  });
  return withFields(object, managedFields);
}

/** With exactly these; none where there are none. */
export function withFields(object: KubeObject, managedFields: readonly JsonObject[] | undefined): KubeObject {
  const { managedFields: _before, ...metadata } = object.metadata;
  const some = managedFields !== undefined && managedFields.length > 0;
  return { ...object, metadata: { ...metadata, ...(some && { managedFields }) } };
}
