import { isObject, type JsonObject, type JsonValue } from '../base/json.ts';
import { formatSelector, selectorFromLabels, selectorFromObject } from '../schema/label-selector.ts';
import type { KubeObject } from '../schema/object.ts';
import type { LabelSelector } from '../schema/types.gen.ts';
import { ApiError } from './api-error.ts';

/** The autoscaling/v1 Scale of an object that has replicas. */
export function scaleOf(object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const spec = isObject(object.spec) ? object.spec : {};
  const status = isObject(object.status) ? object.status : {};
  const selector = selectorText(object, spec.selector);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      ...(namespace && { namespace }),
      ...(uid && { uid }),
      ...(resourceVersion && { resourceVersion }),
      ...(creationTimestamp && { creationTimestamp }),
    },
    spec: { ...(typeof spec.replicas === 'number' && { replicas: spec.replicas }) },
    status: {
      replicas: typeof status.replicas === 'number' ? status.replicas : 0,
      ...(selector && { selector }),
    },
  };
}

/** The object with the replicas of a Scale (none: 0). BadRequest when they are no number of pods. */
export function withScale(object: KubeObject, scale: JsonObject): KubeObject {
  const replicas = isObject(scale.spec) ? (scale.spec.replicas ?? 0) : 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas)) {
    throw new ApiError(
      'BadRequest',
      'Scale in version "v1" cannot be handled as a Scale: spec.replicas must be an integer',
    );
  }
  if (replicas < 0) {
    const message = `Invalid value: ${replicas}: must be greater than or equal to 0`;
    throw new ApiError(
      'Invalid',
      `Scale.autoscaling "${object.metadata.name}" is invalid: spec.replicas: ${message}`,
      {
        causes: [{ reason: 'FieldValueInvalid', message, field: 'spec.replicas' }],
        details: { group: 'autoscaling', kind: 'Scale', name: object.metadata.name },
      },
    );
  }
  return { ...object, spec: { ...(isObject(object.spec) ? object.spec : {}), replicas } };
}

/** A ReplicationController selects by plain labels, all others by a LabelSelector. */
function selectorText({ apiVersion, kind }: KubeObject, selector: JsonValue | undefined): string | null {
  if (!isObject(selector)) return null;
  if (apiVersion === 'v1' && kind === 'ReplicationController') {
    return formatSelector(selectorFromLabels(selector as Readonly<Record<string, string>>));
  }
  const { selector: read } = { selector: null, ...selectorFromObject(selector as LabelSelector) };
  return formatSelector(read);
}
