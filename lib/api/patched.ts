import { assertNever, UserError } from '../base/errors.ts';
import type { JsonValue } from '../base/json.ts';
import { applyJsonMergePatch } from '../schema/json-merge-patch.ts';
import { applyJsonPatch } from '../schema/json-patch.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Kind, Schema } from '../schema/schema.ts';
import { applyStrategicMergePatch } from '../schema/strategic-merge.ts';
import { ApiError, type ApiReason } from './api-error.ts';
import type { Patch } from './client.ts';

/** What the patch makes of the object. BadRequest, Invalid (a JSON patch does not fit), RequestEntityTooLarge. */
export function patched(
  schema: Schema,
  kind: Kind,
  change: { readonly previous: KubeObject; readonly patch: Exclude<Patch, { readonly type: 'apply' }> },
): JsonValue {
  const { previous, patch } = change;
  try {
    switch (patch.type) {
      case 'json':
        return applyJsonPatch(previous as JsonValue, patch.operations);
      case 'merge':
        return applyJsonMergePatch(previous as JsonValue, patch.patch);
      case 'strategic': {
        const { typeName } = kind;
        // Nothing says how lists of custom resources would merge. Source: apiextensions customresource_handler.go.
        if (kind.custom !== undefined) throw unsupported();
        return applyStrategicMergePatch(schema, { typeName, document: previous, patch: patch.patch });
      }
      default:
        return assertNever(patch);
    }
  } catch (failure) {
    if (!(failure instanceof UserError)) throw failure;
    // Without details, or kubectl prints the name in the place of the message.
    if (patch.type === 'json' && failure.code !== 'PATCH_TOO_LARGE') {
      throw new ApiError('Invalid', `${REJECTED}: ${failure.message}`);
    }
    throw new ApiError(reasonOf(failure.code), failure.message, {
      details: { group: kind.group, kind: kind.plural, name: previous.metadata.name },
    });
  }
}

/** Source: apiserver patch.go: a JSON patch that does not fit is unprocessable, any other bad patch is a bad request. */
const REJECTED = 'the server rejected our request due to an error in our request';

function reasonOf(code: string): ApiReason {
  return code === 'PATCH_TOO_LARGE' ? 'RequestEntityTooLarge' : 'BadRequest';
}

function unsupported(): ApiError {
  const types = ['json-patch+json', 'merge-patch+json', 'apply-patch+yaml'].map(
    (type) => `application/${type}`,
  );
  return new ApiError(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${types.join(', ')}`,
  );
}
