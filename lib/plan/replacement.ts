import { deepEqual, isObject } from '../base/json.ts';
import { groupOf, type KubeObject, type ObjectRef } from '../schema/object.ts';

/** How the object goes that another takes the place of. `Orphan`: what it made stays, and the new one takes it over. */
export type ReplacePropagation = 'Foreground' | 'Orphan' | 'Background';

/** Kinds whose deletion takes what nobody can make again: data, or every object of a kind or a namespace. */
const NEVER_REPLACED: ReadonlySet<string> = new Set([
  '/Namespace',
  '/PersistentVolumeClaim',
  '/PersistentVolume',
  'apiextensions.k8s.io/CustomResourceDefinition',
]);

/** Whether `pintle.dev/replace: allowed` may have an object of the kind deleted and created again. Those it may not, people delete. */
export function canBeReplaced({ group, kind }: Pick<ObjectRef, 'group' | 'kind'>): boolean {
  return !NEVER_REPLACED.has(`${group}/${kind}`);
}

/** Kinds that own pods by a selector, and take over those that it selects and nobody owns. */
const ADOPTS_PODS: ReadonlySet<string> = new Set([
  '/ReplicationController',
  'apps/Deployment',
  'apps/ReplicaSet',
  'apps/StatefulSet',
  'apps/DaemonSet',
]);

/**
 * Pods that the new object selects are left to it, so that none stops. Where it selects others they end first, and so do a Job's: it
 * is to run anew, not twice at once. What other kinds own is made again by whoever made it.
 */
export function replacePropagation(live: KubeObject, desired: KubeObject): ReplacePropagation {
  const kind = `${groupOf(live.apiVersion)}/${live.kind}`;
  if (kind === 'batch/Job') return 'Foreground';
  if (!ADOPTS_PODS.has(kind)) return 'Background';
  return deepEqual(selectorOf(live), selectorOf(desired)) ? 'Orphan' : 'Foreground';
}

function selectorOf({ spec }: KubeObject): unknown {
  return isObject(spec) ? spec.selector : undefined;
}
