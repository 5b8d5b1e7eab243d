import { toRfc3339 } from '../base/clock.ts';
import { deepEqual } from '../base/json.ts';
import { isCounted } from '../schema/counted-kinds.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Kind } from '../schema/schema.ts';
import type { ObjectMeta } from '../schema/types.gen.ts';
import { ApiError } from './api-error.ts';
import { alreadyExists, conflict, invalid, modifiedMeanwhile } from './api-failures.ts';
import type { Preconditions } from './client.ts';
import type { WriteContext } from './write-context.ts';

/** Source: apiserver names.SimpleNameGenerator: 63 less the suffix. */
const GENERATE_BASE_CHARS_MAX = 58;
const SUFFIX_CHARS = 5;
/** Source: upstream gives up and lets the client try again. */
const GENERATE_TRIES_MAX = 8;

/** The metadata of a new object: named, and with the fields only the API sets. */
export function newMetadata(context: WriteContext, kind: Kind, given: ObjectMeta): ObjectMeta {
  const namespace = kind.namespaced ? given.namespace : undefined;
  if (given.resourceVersion) {
    throw new ApiError('BadRequest', 'resourceVersion should not be set on objects to be created');
  }
  if (kind.namespaced && !namespace) {
    const message = 'an object of this kind lives in a namespace';
    const cause = { reason: 'FieldValueRequired', message, field: 'metadata.namespace' };
    throw invalid(kind, given.name ?? '', [cause]);
  }
  const name = given.name || generatedName(context, kind, given);
  if (context.staging.get(kind, { namespace: namespace ?? '', name }) !== undefined) {
    throw alreadyExists(kind, name);
  }
  return {
    ...userMetadata(given),
    name,
    ...(namespace && { namespace }),
    ...(given.generateName && { generateName: given.generateName }),
    uid: context.random.uuid(),
    creationTimestamp: toRfc3339(context.now),
    ...(isCounted(kind) && { generation: 1 }),
  };
}

function generatedName(context: WriteContext, kind: Kind, given: ObjectMeta): string {
  if (!given.generateName) {
    const cause = {
      reason: 'FieldValueRequired',
      message: 'name or generateName is required',
      field: 'metadata.name',
    };
    throw invalid(kind, '', [cause]);
  }
  const base = given.generateName.slice(0, GENERATE_BASE_CHARS_MAX);
  for (let tries = 0; tries < GENERATE_TRIES_MAX; tries += 1) {
    const name = `${base}${context.random.suffix(SUFFIX_CHARS)}`;
    if (context.staging.get(kind, { namespace: given.namespace ?? '', name }) === undefined) return name;
  }
  throw alreadyExists(kind, `${base}…`);
}

/** What users write of metadata, apart from its names. */
function userMetadata(given: ObjectMeta): Partial<ObjectMeta> {
  return {
    ...(given.labels && { labels: given.labels }),
    ...(given.annotations && { annotations: given.annotations }),
    ...(given.finalizers?.length && { finalizers: [...new Set(given.finalizers)] }),
    ...(given.ownerReferences?.length && { ownerReferences: given.ownerReferences }),
  };
}

/** The metadata after an update: what is the API's stays as it was. */
export function updatedMetadata(kind: Kind, previous: ObjectMeta, given: ObjectMeta): ObjectMeta {
  const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, managedFields } = previous;
  const user = userMetadata(given);
  if (deletionTimestamp !== undefined) refuseNewFinalizers(kind, previous, user.finalizers ?? []);
  return {
    ...user,
    name: previous.name,
    ...(previous.namespace && { namespace: previous.namespace }),
    ...(previous.generateName && { generateName: previous.generateName }),
    ...(uid && { uid }),
    ...(creationTimestamp && { creationTimestamp }),
    ...(previous.generation !== undefined && { generation: previous.generation }),
    ...(previous.resourceVersion && { resourceVersion: previous.resourceVersion }),
    ...(deletionTimestamp && { deletionTimestamp }),
    ...(deletionGracePeriodSeconds !== undefined && { deletionGracePeriodSeconds }),
    ...(managedFields && { managedFields }),
  };
}

/** Source: apimachinery ValidateObjectMetaUpdate: an object on its way out takes no new finalizer. */
function refuseNewFinalizers(kind: Kind, previous: ObjectMeta, finalizers: readonly string[]): void {
  const added = finalizers.filter((finalizer) => !previous.finalizers?.includes(finalizer));
  if (added.length === 0) return;
  const message = `no new finalizers can be added if the object is being deleted, found new finalizers ${added.join(', ')}`;
  throw invalid(kind, previous.name, [
    { reason: 'FieldValueForbidden', message, field: 'metadata.finalizers' },
  ]);
}

/** Conflict unless the object is still the one the caller means. */
export function checkPreconditions(kind: Kind, object: KubeObject, preconditions: Preconditions): void {
  const { uid, resourceVersion, name } = object.metadata;
  if (preconditions.uid && preconditions.uid !== uid) {
    throw conflict(
      kind,
      name,
      `Precondition failed: UID in precondition: ${preconditions.uid}, UID in object meta: ${uid}`,
    );
  }
  if (preconditions.resourceVersion && preconditions.resourceVersion !== resourceVersion) {
    throw conflict(kind, name, modifiedMeanwhile);
  }
}

/**
 * Whether anything but metadata and status differs: what `generation` counts. The status of a custom resource that has no subresource
 * for it is content like any other.
 */
export function contentChanged(kind: Kind, previous: KubeObject, object: KubeObject): boolean {
  const statusCounts = kind.custom !== undefined && !kind.subresources.includes('status');
  const contentOf = (of: KubeObject): KubeObject => ({
    ...of,
    metadata: { name: '' },
    status: statusCounts ? of.status : undefined,
  });
  return !deepEqual(contentOf(previous), contentOf(object));
}
