import { isObject, type JsonObject } from '../base/json.ts';
import type { FieldPath } from '../schema/finding.ts';
import { groupOf, type KubeObject } from '../schema/object.ts';
import { valueAt } from './field-pattern.ts';

/** Where kinds keep the pods they make: the path of the template (of the pod itself for a Pod). */
const templatePaths: ReadonlyMap<string, readonly string[]> = new Map([
  ['/Pod', []],
  ['/ReplicationController', ['spec', 'template']],
  ['/PodTemplate', ['template']],
  ['apps/Deployment', ['spec', 'template']],
  ['apps/ReplicaSet', ['spec', 'template']],
  ['apps/StatefulSet', ['spec', 'template']],
  ['apps/DaemonSet', ['spec', 'template']],
  ['batch/Job', ['spec', 'template']],
  ['batch/CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
]);

/** The pods an object is or makes. */
export type PodShape = {
  readonly specPath: FieldPath;
  readonly spec: JsonObject;
  readonly labels: Readonly<Record<string, string>>;
};

/** The shape of an object's pods; null when it makes none, or its template is missing. */
export function podShapeOf(object: KubeObject): PodShape | null {
  const path = templatePaths.get(`${groupOf(object.apiVersion)}/${object.kind}`);
  if (path === undefined) return null;
  const spec = valueAt(object, ...path, 'spec');
  if (!isObject(spec)) return null;
  const written = valueAt(object, ...path, 'metadata', 'labels');
  const labels: Record<string, string> = {};
  if (isObject(written)) {
    for (const [key, value] of Object.entries(written)) if (typeof value === 'string') labels[key] = value;
  }
  return { specPath: [...path, 'spec'], spec, labels };
}
