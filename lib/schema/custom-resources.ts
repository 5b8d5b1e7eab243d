import { isArray, isObject, type JsonObject } from '../base/json.ts';
import { compareVersions, customVersion, takenNames } from './custom/custom-kind.ts';
import { textsOf } from './custom/structural-schema.ts';
import { headType, structuralTypes } from './custom/structural-types.ts';
import { checkDns1035Label, checkDns1123Label, checkDns1123Subdomain } from './names.ts';
import { apiVersionOf, type KubeObject } from './object.ts';
import type { Kind, Schema, Subresource, TypeDef } from './schema.ts';

type Defined = { readonly kind: Kind; readonly types: ReadonlyMap<string, TypeDef> };

/** A definition that is not served: a name of its own that another has, and why. */
export type NameConflict = { readonly reason: string; readonly message: string };

/**
 * The schema with the kinds that CustomResourceDefinitions (in their stored version) bring, each with the types of all its versions. A
 * definition that is not whole, or that wants names that are taken, adds nothing. The kind of one definition is the same value
 * as long as the definition is.
 */
export function withCustomResources(schema: Schema, definitions: readonly KubeObject[]): Schema {
  const conflicts = nameConflicts(schema, definitions);
  const added = definitions.flatMap((definition) =>
    conflicts.has(definition) ? [] : (definedBy(definition) ?? []),
  );
  if (added.length === 0) return schema;
  const byWritten = new Map<string, Kind>();
  const byRef = new Map<string, Kind>();
  const byPlural = new Map<string, Kind>();
  const types = new Map<string, TypeDef>();
  for (const { kind, types: own } of added) {
    byRef.set(`${kind.group}/${kind.kind}`, kind);
    byPlural.set(`${kind.group}/${kind.plural}`, kind);
    for (const [name, type] of own) types.set(name, type);
    for (const version of kind.versions)
      byWritten.set(`${apiVersionOf(kind.group, version)}/${kind.kind}`, kind);
  }
  return {
    kinds: [...schema.kinds, ...new Set(byRef.values())],
    kindOf: (apiVersion, kind) => schema.kindOf(apiVersion, kind) ?? byWritten.get(`${apiVersion}/${kind}`),
    kind: (ref) => schema.kind(ref) ?? byRef.get(`${ref.group}/${ref.kind}`),
    kindByPlural: (group, plural) => schema.kindByPlural(group, plural) ?? byPlural.get(`${group}/${plural}`),
    type: (typeName) => schema.type(typeName) ?? types.get(typeName),
  };
}

/**
 * Which definitions want names that others of their group have: those that were established keep theirs, then the first by name
 * does. Source: the naming controller of apiextensions-apiserver.
 */
export function nameConflicts(
  schema: Schema,
  definitions: readonly KubeObject[],
): ReadonlyMap<KubeObject, NameConflict> {
  const builtin = new Set(
    schema.kinds.filter(({ custom }) => custom === undefined).map(({ group }) => group),
  );
  const taken = new Map<string, string>();
  const conflicts = new Map<KubeObject, NameConflict>();
  const order = [...definitions].sort(
    (a, b) => Number(wasAccepted(b)) - Number(wasAccepted(a)) || (a.metadata.name < b.metadata.name ? -1 : 1),
  );
  for (const definition of order) {
    const { spec } = definition;
    if (!isObject(spec) || !isObject(spec.names)) continue;
    const group = String(spec.group);
    if (builtin.has(group)) {
      conflicts.set(definition, { reason: 'GroupConflict', message: `the group "${group}" is built in` });
      continue;
    }
    const names = [...new Set(takenNames(spec.names))].map((name) => ({ name, key: `${group}/${name}` }));
    const other = names.find(({ key }) => taken.has(key));
    if (other !== undefined) {
      conflicts.set(definition, { reason: 'NameConflict', message: `"${other.name}" is already in use` });
      continue;
    }
    for (const { key } of names) taken.set(key, definition.metadata.name);
  }
  return conflicts;
}

function wasAccepted({ status }: KubeObject): boolean {
  const conditions = isObject(status) && isArray(status.conditions) ? status.conditions : [];
  return conditions.some(
    (condition) => isObject(condition) && condition.type === 'NamesAccepted' && condition.status === 'True',
  );
}

/** Definitions live as long as they are stored; what is derived from one is kept beside it. */
const known = new WeakMap<KubeObject, Defined | null>();

function definedBy(definition: KubeObject): Defined | null {
  const before = known.get(definition);
  if (before !== undefined) return before;
  const defined = customKind(definition);
  known.set(definition, defined);
  return defined;
}

function customKind(definition: KubeObject): Defined | null {
  const spec = definition.spec;
  if (!isObject(spec) || !isObject(spec.names)) return null;
  const { group, names, scope } = spec;
  const { kind, plural } = names;
  if (typeof group !== 'string' || typeof kind !== 'string' || typeof plural !== 'string') return null;
  if (checkDns1123Subdomain(group).length + checkDns1035Label(plural).length > 0) return null;
  if (!/^[A-Z][A-Za-z0-9]{0,62}$/.test(kind)) return null;
  const rows = versionRows(spec);
  const stored = rows.find(({ storage }) => storage === true);
  if (stored === undefined) return null;
  const version = String(stored.name);
  const others = rows.filter((row) => row !== stored && row.served === true).map(({ name }) => String(name));
  const versions = new Map(rows.map((row) => [String(row.name), customVersion(row, { group, kind })]));
  const nameIn = (name: string): string => `custom.${group}.${name}.${kind}`;
  const head = `custom.${group}.${kind}#head`;
  const types = [...versions.values()].flatMap(({ name, schema }) => [
    ...structuralTypes(nameIn(name), schema),
  ]);
  return {
    kind: {
      ...{ group, kind, version, plural },
      versions: [version, ...others],
      singular: typeof names.singular === 'string' ? names.singular : kind.toLowerCase(),
      shortNames: textsOf(names.shortNames),
      categories: textsOf(names.categories),
      namespaced: scope === 'Namespaced',
      subresources: subresourcesOf(stored),
      typeName: nameIn(version),
      runs: false,
      internal: false,
      custom: {
        versions,
        served: rows
          .filter(({ served }) => served === true)
          .map(({ name }) => String(name))
          .sort(compareVersions),
        listKind: typeof names.listKind === 'string' ? names.listKind : `${kind}List`,
        headType: head,
        terminating: definition.metadata.deletionTimestamp !== undefined,
      },
    },
    types: new Map([...types, [head, headType]]),
  };
}

function versionRows(spec: JsonObject): readonly JsonObject[] {
  return (isArray(spec.versions) ? spec.versions : [])
    .filter(isObject)
    .filter(({ name }) => typeof name === 'string' && checkDns1123Label(name).length === 0);
}

function subresourcesOf({ subresources }: JsonObject): readonly Subresource[] {
  if (!isObject(subresources)) return [];
  return (['status', 'scale'] as const).filter((name) => isObject(subresources[name]));
}
