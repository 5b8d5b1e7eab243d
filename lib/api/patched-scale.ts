import { isObject, type JsonObject } from '../base/json.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Schema } from '../schema/schema.ts';
import { ApiError } from './api-error.ts';
import type { Patch } from './client.ts';
import { patched } from './patched.ts';

/** What a patch makes of a Scale; a Scale has no lists, so a strategic patch merges as any other. */
export function patchedScale(schema: Schema, scale: KubeObject, patch: Patch): JsonObject {
  const kind = schema.kind({ group: 'apps', kind: 'Deployment' });
  if (kind === undefined) throw new ApiError('InternalError', 'the schema has no Deployment');
  if (patch.type === 'apply') throw new ApiError('UnsupportedMediaType', 'a Scale cannot be applied');
  const plain: Exclude<Patch, { readonly type: 'apply' }> =
    patch.type === 'strategic' ? { type: 'merge', patch: patch.patch } : patch;
  const result = patched(schema, kind, { previous: scale, patch: plain });
  if (isObject(result)) return result;
  throw new ApiError('BadRequest', 'the patch leaves no Scale');
}
