import { assertNever, UserError } from '../base/errors.ts';
import type { JsonValue } from '../base/json.ts';
import { applyJsonPatch } from '../schema/json-patch.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Kind, Schema } from '../schema/schema.ts';
import { ApiError, type ApiReason } from './api-error.ts';
import type { Patch } from './client.ts';

/** What the patch makes of the object. */
export function patched(
  _schema: Schema,
  kind: Kind,
  change: { readonly previous: KubeObject; readonly patch: Patch },
): JsonValue {
  try {
    return apply(change.previous as JsonValue, change.patch);
  } catch (failure) {
    if (!(failure instanceof UserError)) throw failure;
    throw new ApiError(reasonOf(failure.code), failure.message, {
      details: { group: kind.group, kind: kind.plural, name: change.previous.metadata.name },
    });
  }
}

function apply(document: JsonValue, patch: Patch): JsonValue {
  switch (patch.type) {
    case 'json':
      return applyJsonPatch(document, patch.operations);
    case 'merge':
    case 'strategic':
      throw new ApiError('UnsupportedMediaType', `${patch.type} patches are not read`);
    default:
      return assertNever(patch);
  }
}

/** Source: apiserver patch.go: a failed test is unprocessable, any other bad patch is a bad request. */
function reasonOf(code: string): ApiReason {
  if (code === 'PATCH_TEST_FAILED') return 'Invalid';
  return code === 'PATCH_TOO_LARGE' ? 'RequestEntityTooLarge' : 'BadRequest';
}
