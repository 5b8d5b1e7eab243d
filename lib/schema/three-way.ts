import { FORBIDDEN_KEYS, isArray, isObject, type JsonObject, type JsonValue } from '../base/json.ts';
import { type FieldShape, fieldShape } from './field-shape.ts';
import { itemNames, listStrategyOf, patchStrategies } from './list-strategy.ts';
import type { KubeObject } from './object.ts';
import type { FieldDef, Schema, TypeDef } from './schema.ts';
import type { ObjectMeta } from './types.gen.ts';

type Value = JsonValue | undefined;
type Sides<T = Value> = { readonly base: T; readonly desired: T; readonly live: T };
/** What is known of the value at hand; `shape` absent: nothing, it merges as plain JSON. */
type Place = { readonly shape?: FieldShape | undefined; readonly field?: FieldDef | undefined };

const META: Place = { shape: { form: 'type', typeName: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' } };

/** Written by the server alone: git has no say in them. */
const SERVER_META = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
] as const satisfies readonly (keyof ObjectMeta)[];

/**
 * What an object should be, before defaulting: what git removed (in `base`, not in `desired`) is removed, what git sets
 * wins, what only `live` has stays. Lists merge by all the keys of the schema, in git's order, live's own items after;
 * atomic values are git's as a whole. `status` and the server's metadata are live's.
 *
 * A struct git no longer has goes as a whole (live carries its defaults); of a map or a keyed list only git's entries go.
 * Source: kubectl apply, with the list types of server-side apply.
 */
export function mergeThreeWay(
  schema: Schema,
  of: {
    /** The full name of the type; one the schema does not know merges as plain JSON, lists replaced. */
    readonly typeName: string;
    /** As git last had it; null: git never had it. */
    readonly base: KubeObject | null;
    readonly desired: KubeObject;
    readonly live: KubeObject;
  },
): KubeObject {
  const { base, desired, live } = of;
  const place: Place = { shape: { form: 'type', typeName: of.typeName } };
  const body = merge(schema, place, { base: bodyOf(base), desired: bodyOf(desired), live: bodyOf(live) });
  return {
    ...(isObject(body) ? body : {}),
    apiVersion: desired.apiVersion,
    kind: desired.kind,
    metadata: mergeMetadata(schema, { base: base?.metadata, desired: desired.metadata, live: live.metadata }),
    ...(live.status === undefined ? {} : { status: live.status }),
  };
}

/** Without what is merged apart (metadata) or not at all (status). */
function bodyOf(object: KubeObject | null): JsonObject {
  const { metadata: _metadata, status: _status, ...body } = object ?? { metadata: {}, status: null };
  return body;
}

function mergeMetadata(
  schema: Schema,
  sides: { base: ObjectMeta | undefined; desired: ObjectMeta; live: ObjectMeta },
): ObjectMeta {
  const merged = merge(schema, META, sides);
  const metadata: Record<string, Value> = isObject(merged) ? { ...merged } : {};
  for (const name of SERVER_META) {
    if (sides.live[name] === undefined) delete metadata[name];
    else metadata[name] = sides.live[name];
  }
  return { ...metadata, name: sides.desired.name };
}

/** undefined: the value is not there. A null of git's says that it must not be. */
function merge(schema: Schema, place: Place, sides: Sides): Value {
  const { base, desired, live } = sides;
  if (desired === null) return undefined;
  if (desired === undefined && (base === undefined || base === null)) return live;
  const { shape, field } = place;
  if (shape === undefined) return mergeObject(schema, () => ({}), sides);
  switch (shape.form) {
    case 'scalar':
      return desired;
    case 'list':
      return mergeList(schema, { element: shape.of, field }, sides);
    case 'map':
      if (field?.mapType === 'atomic') return desired;
      return mergeEntries(schema, shape.of, sides);
    case 'type': {
      const type = schema.type(shape.typeName);
      if (isAtomic(type, field)) return desired;
      return mergeObject(
        schema,
        (key) => placeOf(type, key),
        sides,
        patchStrategies(field).includes('retainKeys'),
      );
    }
  }
}

function isAtomic(type: TypeDef | undefined, field: FieldDef | undefined): boolean {
  return (field?.mapType ?? type?.mapType) === 'atomic';
}

function placeOf(type: TypeDef | undefined, key: string): Place {
  const fields = type?.fields;
  const field = fields !== undefined && Object.hasOwn(fields, key) ? fields[key] : undefined;
  return field === undefined ? {} : { shape: fieldShape(field), field };
}

const own = (object: JsonObject, key: string): Value =>
  Object.hasOwn(object, key) ? object[key] : undefined;
const objectOr = (value: Value): JsonObject => (isObject(value) ? value : {});
const listOr = (value: Value): readonly JsonValue[] => (isArray(value) ? value : []);

/** Structs, and objects nothing is known of. `retainKeys`: only the members git names stay (a union changed its type). */
function mergeObject(
  schema: Schema,
  placeAt: (key: string) => Place,
  sides: Sides,
  retainKeys = false,
): Value {
  if (!isObject(sides.desired)) return sides.desired;
  const desired = sides.desired;
  const base = objectOr(sides.base);
  const live = objectOr(sides.live);
  const merged: Record<string, Value> = {};
  for (const key of new Set([...Object.keys(desired), ...(retainKeys ? [] : Object.keys(live))])) {
    if (FORBIDDEN_KEYS.has(key)) continue;
    const value = merge(schema, placeAt(key), {
      base: own(base, key),
      desired: own(desired, key),
      live: own(live, key),
    });
    if (value !== undefined) merged[key] = value;
  }
  return merged;
}

/** Maps: git removes its own entries only. */
function mergeEntries(schema: Schema, element: FieldShape, sides: Sides): Value {
  if (sides.desired !== undefined && !isObject(sides.desired)) return sides.desired;
  const merged = mergeObject(schema, () => ({ shape: element }), { ...sides, desired: sides.desired ?? {} });
  const gone = sides.desired === undefined && Object.keys(objectOr(merged)).length === 0;
  return gone ? undefined : merged;
}

function mergeList(
  schema: Schema,
  of: { readonly element: FieldShape; readonly field: FieldDef | undefined },
  sides: Sides,
): Value {
  if (sides.desired !== undefined && !isArray(sides.desired)) return sides.desired;
  const strategy = listStrategyOf(of.field);
  if (strategy.kind === 'atomic') return sides.desired;
  const type = of.element.form === 'type' ? schema.type(of.element.typeName) : undefined;
  const keys = strategy.kind === 'map' ? strategy.keys : [];
  const base = named(listOr(sides.base), { keys, type });
  const desired = named(listOr(sides.desired), { keys, type });
  const live = named(listOr(sides.live), { keys, type });
  const retainKeys = patchStrategies(of.field).includes('retainKeys');
  const placeAt = (key: string): Place => placeOf(type, key);
  const merged: JsonValue[] = [];
  for (const [name, item] of desired) {
    const pair: Sides = { base: base.get(name), desired: item, live: live.get(name) };
    const value = strategy.kind === 'map' ? mergeObject(schema, placeAt, pair, retainKeys) : item;
    if (value !== undefined) merged.push(value);
  }
  for (const [name, item] of live) if (!desired.has(name) && !base.has(name)) merged.push(item);
  return sides.desired === undefined && merged.length === 0 ? undefined : merged;
}

function named(
  items: readonly JsonValue[],
  by: { readonly keys: readonly string[]; readonly type: TypeDef | undefined },
): ReadonlyMap<string, JsonValue> {
  const names = itemNames(items, by);
  return new Map(items.map((item, at) => [names[at] ?? '', item]));
}
