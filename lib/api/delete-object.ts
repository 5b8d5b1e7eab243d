import { fromRfc3339, secondMs, toRfc3339 } from '../base/clock.ts';
import { deepEqual, isArray, isObject } from '../base/json.ts';
import type { KubeObject, ObjectRef } from '../schema/object.ts';
import type { Kind } from '../schema/schema.ts';
import { systemClasses } from '../schema/system-priority.ts';
import { releaseClaims } from './admission/service-addresses.ts';
import { forbidden, noSuchKind, notFound } from './api-failures.ts';
import type { DeleteOptions } from './client.ts';
import { heldForCleanup } from './definition-cleanup.ts';
import { deletionGraceSeconds } from './deletion-grace.ts';
import { checkDeletion } from './deletion-preconditions.ts';
import type { WriteContext } from './write-context.ts';

export const FOREGROUND_FINALIZER = 'foregroundDeletion';
export const ORPHAN_FINALIZER = 'orphan';

/** Source: namespace lifecycle admission. */
const IMMORTAL_NAMESPACES: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

/** What is left of the object; null when it is gone. */
export function deleteObject(
  context: WriteContext,
  ref: ObjectRef,
  options: DeleteOptions,
): KubeObject | null {
  const kind = context.schema.kind(ref);
  if (kind === undefined) throw noSuchKind(ref.group, ref.kind);
  const previous = context.staging.get(kind, ref);
  if (previous === undefined) throw notFound(kind, ref.name);
  checkDeletion(kind, previous, options.preconditions ?? {});
  if (isNamespace(kind) && IMMORTAL_NAMESPACES.has(ref.name)) {
    throw forbidden(kind, ref.name, 'this namespace may not be deleted');
  }
  if (kind.group === 'scheduling.k8s.io' && kind.kind === 'PriorityClass' && systemClasses.has(ref.name))
    throw forbidden(kind, ref.name, 'this is a system priority class and cannot be deleted');
  const held = heldForCleanup(context, kind, previous);
  const object = marked(context, kind, withPropagation(held, options), options);
  if (isReleased(object)) {
    removeObject(context, kind, object);
    return null;
  }
  return deepEqual(object, previous) ? previous : context.staging.put(kind, object);
}

export function removeObject(context: WriteContext, kind: Kind, object: KubeObject): void {
  const { name, namespace } = object.metadata;
  context.staging.remove(kind, { namespace: namespace ?? '', name });
  releaseClaims(context, kind, object);
}

/** On its way out with nothing that holds it: no finalizer, no grace left, and for a namespace no content. */
export function isReleased(object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  if (deletionTimestamp === undefined || (deletionGracePeriodSeconds ?? 0) > 0) return false;
  return (finalizers?.length ?? 0) === 0 && namespaceFinalizers(object) === 0;
}

function isNamespace(kind: Kind): boolean {
  return kind.group === '' && kind.kind === 'Namespace';
}

function namespaceFinalizers(object: KubeObject): number {
  if (object.apiVersion !== 'v1' || object.kind !== 'Namespace' || !isObject(object.spec)) return 0;
  return isArray(object.spec.finalizers) ? object.spec.finalizers.length : 0;
}

/**
 * Propagation is kept as a finalizer, for the garbage collector to act on. Unset leaves what is there, so that deleting
 * again does not change how. Source: apiserver registry store.go deletionFinalizersForGarbageCollection.
 */
function withPropagation(object: KubeObject, options: DeleteOptions): KubeObject {
  if (options.propagation === undefined) return object;
  const others = (object.metadata.finalizers ?? []).filter(
    (finalizer) => finalizer !== FOREGROUND_FINALIZER && finalizer !== ORPHAN_FINALIZER,
  );
  const added = { Background: [], Foreground: [FOREGROUND_FINALIZER], Orphan: [ORPHAN_FINALIZER] };
  const { finalizers: _finalizers, ...metadata } = object.metadata;
  const finalizers = [...others, ...added[options.propagation]];
  return { ...object, metadata: finalizers.length > 0 ? { ...metadata, finalizers } : metadata };
}

/** With its time to go. The first deletion counts as a change of content; a later one can only bring the time nearer. */
function marked(context: WriteContext, kind: Kind, object: KubeObject, options: DeleteOptions): KubeObject {
  const graceSeconds = deletionGraceSeconds(kind, object, options.gracePeriodSeconds);
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, generation } = object.metadata;
  if (deletionTimestamp === undefined) {
    return {
      ...object,
      metadata: {
        ...object.metadata,
        deletionTimestamp: toRfc3339(context.now + graceSeconds * secondMs),
        deletionGracePeriodSeconds: graceSeconds,
        ...(generation !== undefined && { generation: generation + 1 }),
      },
      ...(isNamespace(kind) && {
        status: { ...(isObject(object.status) ? object.status : {}), phase: 'Terminating' },
      }),
    };
  }
  const asked = options.gracePeriodSeconds !== undefined || graceSeconds === 0;
  if (!asked || graceSeconds >= deletionGracePeriodSeconds) return object;
  const beganMs = (fromRfc3339(deletionTimestamp) ?? context.now) - deletionGracePeriodSeconds * secondMs;
  return {
    ...object,
    metadata: {
      ...object.metadata,
      deletionTimestamp: toRfc3339(beganMs + graceSeconds * secondMs),
      deletionGracePeriodSeconds: graceSeconds,
    },
  };
}
