import { FORBIDDEN_KEYS, isArray, isObject, type JsonObject, type JsonValue } from '../base/json.ts';
import { itemNames, listStrategyOf } from './list-strategy.ts';
import type { KubeObject } from './object.ts';
import { itemPlace, memberPlace, type Place, retainsKeys, rootPlace } from './place.ts';
import type { FieldDef, Schema, TypeDef } from './schema.ts';
import type { ObjectMeta } from './types.gen.ts';

type Value = JsonValue | undefined;
type Sides<T = Value> = { readonly base: T; readonly desired: T; readonly live: T };
const META = rootPlace('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta');

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
  const place = rootPlace(of.typeName);
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
  if (shape === undefined) return mergeObject(schema, place, sides);
  switch (shape.form) {
    case 'scalar':
      return desired;
    case 'list':
      return mergeList(schema, place, sides);
    case 'map':
      return field?.mapType === 'atomic' ? desired : mergeEntries(schema, place, sides);
    case 'type':
      return isAtomic(schema.type(shape.typeName), field) ? desired : mergeObject(schema, place, sides);
  }
}

function isAtomic(type: TypeDef | undefined, field: FieldDef | undefined): boolean {
  return (field?.mapType ?? type?.mapType) === 'atomic';
}

const own = (object: JsonObject, key: string): Value =>
  Object.hasOwn(object, key) ? object[key] : undefined;
const objectOr = (value: Value): JsonObject => (isObject(value) ? value : {});
const listOr = (value: Value): readonly JsonValue[] => (isArray(value) ? value : []);

/** Structs, and objects nothing is known of. Where keys are retained only those git names stay: a union changed its type. */
function mergeObject(schema: Schema, place: Place, sides: Sides): Value {
  if (!isObject(sides.desired)) return sides.desired;
  const desired = sides.desired;
  const base = objectOr(sides.base);
  const live = objectOr(sides.live);
  const merged: Record<string, Value> = {};
  for (const key of new Set([...Object.keys(desired), ...(retainsKeys(place) ? [] : Object.keys(live))])) {
    if (FORBIDDEN_KEYS.has(key)) continue;
    const value = merge(schema, memberPlace(schema, place, key), {
      base: own(base, key),
      desired: own(desired, key),
      live: own(live, key),
    });
    if (value !== undefined) merged[key] = value;
  }
  return merged;
}

/** Maps: git removes its own entries only. */
function mergeEntries(schema: Schema, place: Place, sides: Sides): Value {
  if (sides.desired !== undefined && !isObject(sides.desired)) return sides.desired;
  const merged = mergeObject(schema, place, { ...sides, desired: sides.desired ?? {} });
  const gone = sides.desired === undefined && Object.keys(objectOr(merged)).length === 0;
  return gone ? undefined : merged;
}

function mergeList(schema: Schema, place: Place, sides: Sides): Value {
  if (sides.desired !== undefined && !isArray(sides.desired)) return sides.desired;
  const strategy = listStrategyOf(place.field);
  if (strategy.kind === 'atomic') return sides.desired;
  const item = itemPlace(place);
  const type = item.shape?.form === 'type' ? schema.type(item.shape.typeName) : undefined;
  const keys = strategy.kind === 'map' ? strategy.keys : [];
  const base = named(listOr(sides.base), { keys, type });
  const desired = named(listOr(sides.desired), { keys, type });
  const live = named(listOr(sides.live), { keys, type });
  const merged: JsonValue[] = [];
  for (const [name, value] of desired) {
    const pair: Sides = { base: base.get(name), desired: value, live: live.get(name) };
    const both = strategy.kind === 'map' ? mergeObject(schema, item, pair) : value;
    if (both !== undefined) merged.push(both);
  }
  for (const [name, value] of live) if (!desired.has(name) && !base.has(name)) merged.push(value);
  return sides.desired === undefined && merged.length === 0 ? undefined : merged;
}

function named(
  items: readonly JsonValue[],
  by: { readonly keys: readonly string[]; readonly type: TypeDef | undefined },
): ReadonlyMap<string, JsonValue> {
  const names = itemNames(items, by);
  return new Map(items.map((item, at) => [names[at] ?? '', item]));
}
