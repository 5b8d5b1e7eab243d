import { isObject, type JsonObject } from '../base/json.ts';
import type { FieldPath } from '../schema/finding.ts';
import type { Labels } from '../schema/label-selector.ts';
import type { KubeObject } from '../schema/object.ts';
import { podSpecOf } from '../schema/pod-template.ts';

/** The pods an object is or makes, as selectors and references see them. */
export type PodShape = {
  readonly specPath: FieldPath;
  readonly spec: JsonObject;
  readonly labels: Labels;
};

/** Objects of manifests are shared by many passes and never change. Goes with its object. */
const known = new WeakMap<KubeObject, PodShape | null>();

/** The shape of an object's pods; null when it makes none, or its template is missing. Trusts nothing in it. */
export function podShapeOf(object: KubeObject): PodShape | null {
  let shape = known.get(object);
  if (shape === undefined) {
    shape = findPodShape(object);
    known.set(object, shape);
  }
  return shape;
}

function findPodShape(object: KubeObject): PodShape | null {
  const pod = podSpecOf(object);
  if (pod === null || !isObject(pod.spec)) return null;
  const written: unknown = pod.metadata?.labels;
  const labels: Record<string, string> = {};
  if (isObject(written)) {
    for (const [key, value] of Object.entries(written)) if (typeof value === 'string') labels[key] = value;
  }
  return { specPath: pod.path, spec: pod.spec, labels };
}
