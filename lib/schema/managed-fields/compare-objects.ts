import { deepEqual, isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { type Place, rootPlace } from '../place.ts';
import type { Schema } from '../schema.ts';
import { emptySet, type FieldSet, isEmptySet, placeAlone, union } from './field-set.ts';
import { granularityOf, type Part, partsOf } from './granularity.ts';

/** What changed between two objects, by place. What was added or removed as a whole is there with all that stands below it. */
export type Comparison = {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
};

const nothing: Comparison = { added: emptySet, modified: emptySet, removed: emptySet };

/** Source: structured-merge-diff Compare. */
export function compareObjects(
  schema: Schema,
  of: { readonly typeName: string; readonly before: JsonObject; readonly after: JsonObject },
): Comparison {
  return compare(schema, rootPlace(of.typeName), { before: of.before, after: of.after });
}

function compare(
  schema: Schema,
  place: Place,
  of: { readonly before: JsonValue; readonly after: JsonValue },
): Comparison {
  const { before, after } = emptied(of);
  const granularity = granularityOf(schema, place, after);
  if (granularity === 'leaf' || granularity !== granularityOf(schema, place, before))
    return deepEqual(before, after) ? nothing : { ...nothing, modified: placeAlone };
  const old = byElement(partsOf(schema, place, before));
  const now = byElement(partsOf(schema, place, after));
  const added = new Map<string, FieldSet>();
  const modified = new Map<string, FieldSet>();
  const removed = new Map<string, FieldSet>();
  for (const [element, part] of now) {
    const former = old.get(element);
    if (former === undefined) {
      added.set(element, whole(schema, part.place, part.value));
      continue;
    }
    const below = compare(schema, part.place, { before: former.value, after: part.value });
    if (below === nothing) continue;
    if (!isEmptySet(below.added)) added.set(element, below.added);
    if (!isEmptySet(below.modified)) modified.set(element, below.modified);
    if (!isEmptySet(below.removed)) removed.set(element, below.removed);
  }
  for (const [element, part] of old)
    if (!now.has(element)) removed.set(element, whole(schema, part.place, part.value));
  if (added.size + modified.size + removed.size === 0) return nothing;
  return { added: holding(added), modified: holding(modified), removed: holding(removed) };
}

function holding(children: ReadonlyMap<string, FieldSet>): FieldSet {
  return children.size === 0 ? emptySet : { self: false, children };
}

/** null beside a list or an object is an empty one: Go writes it so. */
function emptied(of: { readonly before: JsonValue; readonly after: JsonValue }): typeof of {
  const { before, after } = of;
  if (before === null) return { before: isArray(after) ? [] : isObject(after) ? {} : before, after };
  if (after === null) return { before, after: isArray(before) ? [] : isObject(before) ? {} : after };
  return of;
}

/** Of several items of one key the first is compared; the others are told of with it. */
function byElement(parts: readonly Part[]): ReadonlyMap<string, Part> {
  const map = new Map<string, Part>();
  for (const part of parts) if (!map.has(part.element)) map.set(part.element, part);
  return map;
}

/** The place and all that stands below it. */
function whole(schema: Schema, place: Place, value: JsonValue): FieldSet {
  if (granularityOf(schema, place, value) === 'leaf') return placeAlone;
  const children = new Map<string, FieldSet>();
  for (const part of partsOf(schema, place, value)) {
    const below = whole(schema, part.place, part.value);
    const known = children.get(part.element);
    children.set(part.element, known === undefined ? below : union(known, below));
  }
  return { self: true, children };
}
