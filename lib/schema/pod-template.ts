import { isObject, type JsonValue } from '../base/json.ts';
import type { FieldPath } from './finding.ts';
import { groupOf, type KindRef, type KubeObject } from './object.ts';
import type { ObjectMeta, PodSpec } from './types.gen.ts';

/** Where each kind holds the pods it makes. By `group/Kind`. */
const TEMPLATE_PATHS: ReadonlyMap<string, readonly string[]> = new Map([
  ['/Pod', []],
  ['/PodTemplate', ['template']],
  ['/ReplicationController', ['spec', 'template']],
  ['apps/Deployment', ['spec', 'template']],
  ['apps/ReplicaSet', ['spec', 'template']],
  ['apps/DaemonSet', ['spec', 'template']],
  ['apps/StatefulSet', ['spec', 'template']],
  ['batch/Job', ['spec', 'template']],
  ['batch/CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
]);

/** Whether objects of a kind are pods or hold a template of some. */
export function makesPods({ group, kind }: KindRef): boolean {
  return TEMPLATE_PATHS.has(`${group}/${kind}`);
}

/**
 * The pod an object is, or makes: its spec, its metadata (the object's own for a Pod, the template's else) and the path of the
 * spec. null for kinds that hold no pods, and where the spec is absent.
 */
export function podSpecOf(object: KubeObject): {
  readonly spec: PodSpec;
  readonly metadata: ObjectMeta | undefined;
  readonly path: FieldPath;
} | null {
  const path = TEMPLATE_PATHS.get(`${groupOf(object.apiVersion)}/${object.kind}`);
  if (path === undefined) return null;
  let at: JsonValue | undefined = object as JsonValue;
  for (const name of path) at = isObject(at) ? at[name] : undefined;
  if (!isObject(at) || !isObject(at.spec)) return null;
  const metadata = isObject(at.metadata) ? (at.metadata as ObjectMeta) : undefined;
  return { spec: at.spec as PodSpec, metadata, path: [...path, 'spec'] };
}
