import { deepEqual, isArray, isObject, type JsonObject, type JsonValue } from '../base/json.ts';
import { fieldPathText } from '../schema/finding.ts';
import { itemNames, listStrategyOf } from '../schema/list-strategy.ts';
import type { KubeObject } from '../schema/object.ts';
import { itemPlace, memberPlace, type Place, rootPlace } from '../schema/place.ts';
import type { Schema, TypeDef } from '../schema/schema.ts';
import { differingTexts, valueText } from './value-text.ts';

export type FieldChange = {
  /** As Kubernetes writes field paths; an item of a list by what names it. */
  readonly path: string;
  /** One line; null: not set. */
  readonly from: string | null;
  readonly to: string | null;
};

type Value = JsonValue | undefined;
/** `written`: what the manifest has there. What is added is shown as it was written, without the defaults it got. */
type Sides = { readonly before: Value; readonly after: Value; readonly written: Value };

/**
 * What differs between two states of an object, field by field. Lists are compared as they merge, item by item by what names
 * them: an item more is one line, wherever it stands.
 */
export function fieldChanges(
  schema: Schema,
  of: { readonly live: KubeObject; readonly result: KubeObject; readonly desired: KubeObject },
): readonly FieldChange[] {
  const typeName = schema.kindOf(of.live.apiVersion, of.live.kind)?.typeName ?? '';
  const walk = new Walk(schema);
  walk.compare(rootPlace(typeName), '', {
    before: of.live as JsonObject,
    after: of.result as JsonObject,
    written: of.desired as JsonObject,
  });
  return walk.changes;
}

class Walk {
  readonly changes: FieldChange[] = [];
  readonly #schema: Schema;

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  compare(place: Place, path: string, sides: Sides): void {
    const { before, after } = sides;
    if (deepEqual(before, after)) return;
    if (isObject(before) && isObject(after)) this.#members(place, path, sides);
    else if (isListOfItems(before, after)) this.#items(place, path, sides);
    else if (before === undefined || after === undefined) this.#whole(path, sides);
    else this.changes.push({ path, ...differingTexts(before, after) });
  }

  #members(place: Place, path: string, { before, after, written }: Sides): void {
    for (const key of [...new Set([...keysOf(before), ...keysOf(after)])].sort()) {
      const sides = { before: own(before, key), after: own(after, key), written: own(written, key) };
      this.compare(memberPlace(this.#schema, place, key), joined(path, key), sides);
    }
  }

  /** A value that comes or goes as a whole. One with a single member says so by its path. */
  #whole(path: string, { before, after, written }: Sides, keys: readonly string[] = []): void {
    const shown = before ?? written ?? after;
    if (isObject(shown)) {
      const members = Object.entries(shown).filter(
        ([key, value]) => value !== undefined && !keys.includes(key),
      );
      const [first] = members;
      if (members.length === 1 && first !== undefined && first[1] !== undefined) {
        const sides = before === undefined ? { after: first[1] } : { before: first[1] };
        this.#whole(joined(path, first[0]), {
          before: undefined,
          after: undefined,
          written: undefined,
          ...sides,
        });
        return;
      }
      if (members.length > 0) {
        this.#add(path, before !== undefined, Object.fromEntries(members));
        return;
      }
    }
    this.#add(path, before !== undefined, shown);
  }

  #add(path: string, gone: boolean, value: Value): void {
    const text = valueText(value);
    this.changes.push(gone ? { path, from: text, to: null } : { path, from: null, to: text });
  }

  #items(place: Place, path: string, sides: Sides): void {
    const [before, after, written] = [listOf(sides.before), listOf(sides.after), listOf(sides.written)];
    const item = itemPlace(place);
    const keys = keysOfItems(place, [...before, ...after]);
    if (keys === null) {
      this.#unnamed(item, path, { before, after, written });
      return;
    }
    const type = item.shape?.form === 'type' ? this.#schema.type(item.shape.typeName) : undefined;
    const old = byName(before, { keys, type });
    const now = byName(after, { keys, type });
    const wrote = byName(written, { keys, type });
    for (const [name, value] of new Map([...old, ...now])) {
      const at = `${path}[${labelOf(value, { keys, type })}]`;
      const pair = { before: old.get(name), after: now.get(name), written: wrote.get(name) };
      if (pair.before !== undefined && pair.after !== undefined) this.compare(item, at, pair);
      else this.#whole(at, pair, keys);
    }
    const stayed = (from: ReadonlyMap<string, JsonValue>, other: ReadonlyMap<string, JsonValue>) =>
      [...from].filter(([name]) => other.has(name)).map(([, value]) => labelOf(value, { keys, type }));
    const [order, newOrder] = [stayed(old, now), stayed(now, old)];
    if (!deepEqual(order, newOrder))
      this.changes.push({ path: `${path} (order)`, from: valueText(order), to: valueText(newOrder) });
  }

  /** Lists that are one value to Kubernetes: place by place where none came or went, as a whole where only words are in it. */
  #unnamed(
    item: Place,
    path: string,
    { before, after, written }: Readonly<Record<keyof Sides, readonly JsonValue[]>>,
  ): void {
    if (!before.some(isObject) && !after.some(isObject)) {
      this.changes.push({ path, ...differingTexts(before, after) });
      return;
    }
    const most = Math.max(before.length, after.length);
    for (let at = 0; at < most; at += 1)
      this.compare(item, `${path}[${at}]`, { before: before[at], after: after[at], written: written[at] });
  }
}

/** Both are lists, or one comes or goes that holds more than words. */
function isListOfItems(before: Value, after: Value): boolean {
  if (isArray(before) && isArray(after)) return true;
  const [one, other] = before === undefined ? [after, before] : [before, after];
  return isArray(one) && other === undefined && one.some(isObject);
}

type Naming = { readonly keys: readonly string[]; readonly type: TypeDef | undefined };

/** The members that name the items of a list; [] for a set of scalars; null when nothing does. */
function keysOfItems(place: Place, items: readonly JsonValue[]): readonly string[] | null {
  const strategy = listStrategyOf(place.field);
  if (strategy.kind === 'map') return strategy.keys;
  if (strategy.kind === 'set') return [];
  const named = items.length > 0 && items.every((item) => isObject(item) && typeof item.name === 'string');
  return place.field === undefined && named ? ['name'] : null;
}

function byName(items: readonly JsonValue[], by: Naming): ReadonlyMap<string, JsonValue> {
  const names = itemNames(items, by);
  return new Map(items.map((item, at) => [names[at] ?? '', item]));
}

function labelOf(item: JsonValue, { keys, type }: Naming): string {
  if (!isObject(item)) return valueText(item) ?? '';
  return keys.map((key) => String(item[key] ?? type?.fields?.[key]?.default ?? '')).join('/');
}

function keysOf(value: Value): readonly string[] {
  return isObject(value) ? Object.keys(value) : [];
}

function own(value: Value, key: string): Value {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function listOf(value: Value): readonly JsonValue[] {
  return isArray(value) ? value : [];
}

function joined(path: string, key: string): string {
  const part = fieldPathText([key]);
  return path === '' || part.startsWith('[') ? `${path}${part}` : `${path}.${part}`;
}
