import { deepEqual, isArray, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { type Place, rootPlace } from '../place.ts';
import type { Schema } from '../schema.ts';
import { childSet, type DraftFieldSet, draftSet, type FieldSet } from './field-set.ts';
import { granularityOf, type Part, partsOf } from './granularity.ts';

/** What changed between two objects, by place. What was added or removed as a whole is there with all that stands below it. */
export type Comparison = {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
};

type Drafts = {
  readonly added: DraftFieldSet;
  readonly modified: DraftFieldSet;
  readonly removed: DraftFieldSet;
};

/** Source: structured-merge-diff Compare. */
export function compareObjects(
  schema: Schema,
  of: { readonly typeName: string; readonly before: JsonObject; readonly after: JsonObject },
): Comparison {
  const drafts: Drafts = { added: draftSet(), modified: draftSet(), removed: draftSet() };
  compare(schema, rootPlace(of.typeName), { before: of.before, after: of.after }, drafts);
  return { added: pruned(drafts.added), modified: pruned(drafts.modified), removed: pruned(drafts.removed) };
}

function compare(
  schema: Schema,
  place: Place,
  of: { readonly before: JsonValue; readonly after: JsonValue },
  drafts: Drafts,
): void {
  const { before, after } = emptied(of);
  const granularity = granularityOf(schema, place, after);
  if (granularity === 'leaf' || granularity !== granularityOf(schema, place, before)) {
    if (!deepEqual(before, after)) drafts.modified.self = true;
    return;
  }
  const old = byElement(partsOf(schema, place, before));
  const now = byElement(partsOf(schema, place, after));
  for (const [element, part] of now) {
    const former = old.get(element);
    if (former === undefined) whole(schema, part.place, part.value, childSet(drafts.added, element));
    else compare(schema, part.place, { before: former.value, after: part.value }, below(drafts, element));
  }
  for (const [element, part] of old)
    if (!now.has(element)) whole(schema, part.place, part.value, childSet(drafts.removed, element));
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

function below(drafts: Drafts, element: string): Drafts {
  return {
    added: childSet(drafts.added, element),
    modified: childSet(drafts.modified, element),
    removed: childSet(drafts.removed, element),
  };
}

function whole(schema: Schema, place: Place, value: JsonValue, set: DraftFieldSet): void {
  set.self = true;
  if (granularityOf(schema, place, value) === 'leaf') return;
  for (const part of partsOf(schema, place, value))
    whole(schema, part.place, part.value, childSet(set, part.element));
}

/** Without the elements that were passed on the way and hold nothing. */
function pruned(set: DraftFieldSet): FieldSet {
  for (const [element, child] of set.children) {
    pruned(child);
    if (!child.self && child.children.size === 0) set.children.delete(element);
  }
  return set;
}
