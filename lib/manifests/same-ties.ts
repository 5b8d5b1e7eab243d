import { deepEqual } from '../base/json.ts';
import type { KubeObject } from '../schema/object.ts';
import { podShapeOf } from './pod-shape.ts';
import { referencesOf } from './references.ts';

/** Whether two versions of one object name and select the same, and are selected by the same: their components are one. */
export function sameTies(a: KubeObject, b: KubeObject): boolean {
  if (a === b) return true;
  return (
    deepEqual(referencesOf(a), referencesOf(b)) && deepEqual(podShapeOf(a)?.labels, podShapeOf(b)?.labels)
  );
}
