import { toRfc3339 } from '../base/clock.ts';
import { isArray, isObject } from '../base/json.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Kind } from '../schema/schema.ts';
import type { WriteContext } from './write-context.ts';

/** Keeps a CustomResourceDefinition until its objects are gone; the controller of definitions takes it away. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

/**
 * A definition that is deleted for the first time waits for its objects, and says so; other objects are what they were.
 * Source: apiextensions-apiserver registry customresourcedefinition Delete.
 */
export function heldForCleanup({ now }: WriteContext, kind: Kind, object: KubeObject): KubeObject {
  const { metadata } = object;
  if (kind.group !== 'apiextensions.k8s.io' || kind.kind !== 'CustomResourceDefinition') return object;
  if (metadata.deletionTimestamp !== undefined) return object;
  const status = isObject(object.status) ? object.status : {};
  const conditions = (isArray(status.conditions) ? status.conditions : []).filter(
    (condition) => !(isObject(condition) && condition.type === 'Terminating'),
  );
  const terminating = {
    type: 'Terminating',
    status: 'True',
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
    lastTransitionTime: toRfc3339(now),
  };
  return {
    ...object,
    metadata: { ...metadata, finalizers: [...new Set([...(metadata.finalizers ?? []), CLEANUP_FINALIZER])] },
    status: { ...status, conditions: [...conditions, terminating] },
  };
}
