import { isObject, type JsonValue } from '../../base/json.ts';
import { matchesLabelSelector, matchesSelector, selectorFromLabels } from '../../schema/label-selector.ts';
import { groupOf, type KubeObject, type ObjectRef } from '../../schema/object.ts';
import type { HorizontalPodAutoscaler, LabelSelector, Pod } from '../../schema/types.gen.ts';

/** What an autoscaler sizes: anything with spec.replicas and a selector. */
export type ScaleTarget = {
  readonly object: KubeObject;
  readonly replicas: number;
  /** What it says it has. */
  readonly statusReplicas: number;
  readonly selects: (pod: Pod) => boolean;
};

export function targetRefOf({ metadata, spec }: HorizontalPodAutoscaler): ObjectRef {
  const { apiVersion = '', kind, name } = spec.scaleTargetRef;
  return { group: groupOf(apiVersion), kind, namespace: metadata.namespace ?? '', name };
}

/** null: that kind cannot be sized. */
export function scaleTargetOf(object: KubeObject): ScaleTarget | null {
  const { spec, status } = object;
  if (!isObject(spec) || !isObject(spec.selector) || typeof spec.replicas !== 'number') return null;
  const statusReplicas = isObject(status) && typeof status.replicas === 'number' ? status.replicas : 0;
  return { object, replicas: spec.replicas, statusReplicas, selects: selecting(object, spec.selector) };
}

/** A ReplicationController selects by plain labels, all others by a LabelSelector. */
function selecting({ kind, apiVersion }: KubeObject, selector: JsonValue): (pod: Pod) => boolean {
  if (kind === 'ReplicationController' && apiVersion === 'v1') {
    const labels = selectorFromLabels(selector as Readonly<Record<string, string>>);
    return ({ metadata }) => matchesSelector(labels, metadata.labels);
  }
  return ({ metadata }) => matchesLabelSelector(selector as LabelSelector, metadata.labels);
}
