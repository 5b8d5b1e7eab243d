import type { KubeObject } from '../schema/object.ts';

/** The object without its rules where they are gathered from other roles by label: those are the controller's to write, as with Kubernetes. */
export function withoutGatheredRules(object: KubeObject): KubeObject {
  if (object.kind !== 'ClusterRole' || object.aggregationRule === undefined || object.rules === undefined)
    return object;
  const { rules: _rules, ...rest } = object;
  return rest;
}
