import { isObject } from '../base/json.ts';
import { groupOf, type KubeObject, type ObjectRef, refKey } from '../schema/object.ts';

/** The workloads that an HPA targets, of these objects (desired and live together): their replicas are not git's. */
export function autoscaledTargets(objects: Iterable<KubeObject>): ReadonlySet<string> {
  const targets = new Set<string>();
  for (const object of objects) {
    if (object.kind !== 'HorizontalPodAutoscaler' || groupOf(object.apiVersion) !== 'autoscaling') continue;
    const target = isObject(object.spec) ? object.spec.scaleTargetRef : undefined;
    if (!isObject(target) || typeof target.kind !== 'string' || typeof target.name !== 'string') continue;
    const group = typeof target.apiVersion === 'string' ? groupOf(target.apiVersion) : '';
    const ref: ObjectRef = {
      group,
      kind: target.kind,
      namespace: object.metadata.namespace ?? '',
      name: target.name,
    };
    targets.add(autoscaledKey(ref));
  }
  return targets;
}

/** An HPA may name its target in any version, or in none: kind, namespace and name decide. */
export function autoscaledKey(ref: ObjectRef): string {
  return refKey({ ...ref, group: '' });
}

/** The object without spec.replicas. */
export function withoutReplicas(object: KubeObject): KubeObject {
  if (!isObject(object.spec) || object.spec.replicas === undefined) return object;
  const { replicas: _replicas, ...spec } = object.spec;
  return { ...object, spec };
}
