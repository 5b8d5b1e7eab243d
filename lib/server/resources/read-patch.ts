import { ApiError } from '../../api/api-error.ts';
import type { Patch } from '../../api/client.ts';
import { isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { isJsonPatchOperation, type JsonPatchOperation } from '../../schema/json-patch-operation.ts';
import type { KubeObject } from '../../schema/object.ts';
import { readJson, readYaml } from '../wire/read-body.ts';
import { isTrue } from '../wire/request-info.ts';
import { forbiddenField, invalidOptions } from './invalid-options.ts';

const ACCEPTED = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
] as const;

/** A patch by its media type. BadRequest, UnsupportedMediaType. */
export function readPatch(body: Buffer, mediaType: string, query: URLSearchParams): Patch {
  if (isTrue(query.get('force')) && mediaType !== 'application/apply-patch+yaml') {
    throw invalidOptions('PatchOptions', [
      forbiddenField('force', 'may not be specified for non-apply patch'),
    ]);
  }
  switch (mediaType) {
    case 'application/json-patch+json':
      return { type: 'json', operations: operationsOf(readJson(body)) };
    case 'application/merge-patch+json':
      return { type: 'merge', patch: objectOf(readJson(body)) };
    case 'application/strategic-merge-patch+json':
      return { type: 'strategic', patch: objectOf(readJson(body)) };
    case 'application/apply-patch+yaml':
      if (!query.get('fieldManager')) {
        const message = 'Required value: is required for apply patch';
        throw invalidOptions('PatchOptions', [
          { reason: 'FieldValueRequired', message, field: 'fieldManager' },
        ]);
      }
      return { type: 'apply', object: appliedOf(readYaml(body)), force: isTrue(query.get('force')) };
    default:
      throw new ApiError(
        'UnsupportedMediaType',
        `the body of the request was in an unknown format - accepted media types include: ${ACCEPTED.join(', ')}`,
      );
  }
}

function objectOf(value: JsonValue): JsonObject {
  if (isObject(value)) return value;
  throw new ApiError('BadRequest', 'the patch is not an object');
}

/** What each operation holds is looked at where it is applied. */
function operationsOf(value: JsonValue): readonly JsonPatchOperation[] {
  if (isArray(value) && value.every(isJsonPatchOperation)) return value;
  throw new ApiError('BadRequest', 'the patch is not a list of operations, each with op and path');
}

function appliedOf(value: JsonValue): KubeObject {
  const object = objectOf(value);
  const { apiVersion, kind, metadata } = object;
  if (typeof apiVersion === 'string' && typeof kind === 'string' && isObject(metadata))
    return object as KubeObject;
  throw new ApiError('BadRequest', 'what is applied must have apiVersion, kind and metadata');
}
