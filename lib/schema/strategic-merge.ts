import type { JsonObject } from '../base/json.ts';
import { rootPlace } from './place.ts';
import type { Schema } from './schema.ts';
import { applyToObject } from './strategic-merge/apply.ts';
import { combinePatches } from './strategic-merge/combine.ts';
import { patchBetween } from './strategic-merge/create.ts';

/**
 * Strategic merge patches, as kubectl sends them: lists merge by the type's patch strategy and merge key, and `$patch`,
 * `$retainKeys`, `$setElementOrder/…` and `$deleteFromPrimitiveList/…` say what plain JSON cannot. A type the schema does
 * not know merges as a JSON merge patch. Source: apimachinery util/strategicpatch.
 */
export function applyStrategicMergePatch(
  schema: Schema,
  of: { readonly typeName: string; readonly document: JsonObject; readonly patch: JsonObject },
): JsonObject {
  return applyToObject(schema, rootPlace(of.typeName), of.document, of.patch);
}

/** The patch that turns one object into another. */
export function createStrategicMergePatch(
  schema: Schema,
  of: { readonly typeName: string; readonly from: JsonObject; readonly to: JsonObject },
): JsonObject {
  const halves = { changes: true, deletions: true };
  return patchBetween(schema, rootPlace(of.typeName), { from: of.from, to: of.to, halves });
}

/**
 * The patch for `current` that sets what `modified` has and deletes what it no longer has of `original`, as kubectl apply
 * makes it with its default of overwriting: conflicts with changes by others are not reported, `modified` wins.
 */
export function createThreeWayStrategicMergePatch(
  schema: Schema,
  of: {
    readonly typeName: string;
    readonly original: JsonObject;
    readonly modified: JsonObject;
    readonly current: JsonObject;
  },
): JsonObject {
  const place = rootPlace(of.typeName);
  const { original, modified, current } = of;
  return combinePatches(schema, place, {
    deletions: patchBetween(schema, place, {
      from: original,
      to: modified,
      halves: { changes: false, deletions: true },
    }),
    changes: patchBetween(schema, place, {
      from: current,
      to: modified,
      halves: { changes: true, deletions: false },
    }),
  });
}
