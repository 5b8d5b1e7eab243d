import { type KubeObject, versionOf } from '../schema/object.ts';
import type { Kind } from '../schema/schema.ts';
import { ApiError } from './api-error.ts';

/** A body that cannot be read as its kind. */
export function undecodable(kind: Kind, given: KubeObject, why: string): ApiError {
  return new ApiError(
    'BadRequest',
    `${kind.kind} in version "${versionOf(given.apiVersion)}" cannot be handled as a ${kind.kind}: ${why}`,
  );
}
