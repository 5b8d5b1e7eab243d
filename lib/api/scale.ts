import { isObject, type JsonObject, type JsonValue } from '../base/json.ts';
import { formatSelector, selectorFromLabels, selectorFromObject } from '../schema/label-selector.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Kind } from '../schema/schema.ts';
import type { LabelSelector } from '../schema/types.gen.ts';
import { ApiError } from './api-error.ts';
import { scalePaths, valueIn, withValueIn } from './scale-paths.ts';

/** The autoscaling/v1 Scale of an object that has replicas. */
export function scaleOf(object: KubeObject, kind?: Kind): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const spec = isObject(object.spec) ? object.spec : {};
  const paths = kind?.custom === undefined ? null : scalePaths(kind);
  const wanted = paths === null ? spec.replicas : valueIn(object, paths.specReplicas);
  const there = valueIn(object, paths?.statusReplicas ?? ['status', 'replicas']);
  const custom = paths?.labelSelector ? valueIn(object, paths.labelSelector) : '';
  const selector =
    paths === null ? selectorText(object, spec.selector) : typeof custom === 'string' && custom;
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
    spec: { ...(typeof wanted === 'number' && { replicas: wanted }) },
    status: {
      replicas: typeof there === 'number' ? there : 0,
      ...(selector && { selector }),
    },
  };
}

/** The object with the replicas of a Scale (none: 0). BadRequest when they are no number of pods. */
export function withScale(object: KubeObject, scale: JsonObject, kind?: Kind): KubeObject {
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
  return withValueIn(
    object,
    kind === undefined ? ['spec', 'replicas'] : scalePaths(kind).specReplicas,
    replicas,
  );
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
