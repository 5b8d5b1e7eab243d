import { isObject, type JsonValue } from '../base/json.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Kind } from '../schema/schema.ts';
import { ApiError } from './api-error.ts';

/** What a patch makes of an object is that object still. BadRequest when its kind, name or namespace is another. */
export function sameObject(kind: Kind, previous: KubeObject, result: JsonValue): KubeObject {
  const { metadata, kind: kindName, apiVersion } = isObject(result) ? result : {};
  if (
    !isObject(result) ||
    !isObject(metadata) ||
    kindName !== previous.kind ||
    typeof apiVersion !== 'string' ||
    metadata.name !== previous.metadata.name ||
    (metadata.namespace ?? '') !== (previous.metadata.namespace ?? '')
  ) {
    throw new ApiError(
      'BadRequest',
      `the patch leaves no ${kind.kind} "${previous.metadata.name}": kind, name and namespace cannot change`,
    );
  }
  return result as KubeObject;
}
