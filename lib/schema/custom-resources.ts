import { isArray, isObject, type JsonObject, type JsonValue } from '../base/json.ts';
import { checkDns1035Label, checkDns1123Label, checkDns1123Subdomain } from './names.ts';
import { apiVersionOf, type KubeObject } from './object.ts';
import type { FieldDef, Kind, Schema, Subresource, TypeDef } from './schema.ts';

const ANY = 'dev.pintle.v1.Any';
const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/**
 * The schema with the kinds that CustomResourceDefinitions (in their stored version) bring. Objects of them are known by their
 * fields at the top; what stands below is not checked. A definition that is not whole, or that names a kind there is already,
 * adds nothing.
 */
export function withCustomResources(schema: Schema, definitions: readonly KubeObject[]): Schema {
  const added = definitions.flatMap((definition) => customKind(schema, definition) ?? []);
  if (added.length === 0) return schema;
  const byWritten = new Map<string, Kind>();
  const byRef = new Map<string, Kind>();
  const byPlural = new Map<string, Kind>();
  const types = new Map<string, TypeDef>();
  for (const { kind, type } of added) {
    byRef.set(`${kind.group}/${kind.kind}`, kind);
    byPlural.set(`${kind.group}/${kind.plural}`, kind);
    types.set(kind.typeName, type);
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

function customKind(
  schema: Schema,
  definition: KubeObject,
): { readonly kind: Kind; readonly type: TypeDef } | undefined {
  const spec = definition.spec;
  if (!isObject(spec) || !isObject(spec.names)) return undefined;
  const { group, names, scope } = spec;
  const { kind, plural } = names;
  if (typeof group !== 'string' || typeof kind !== 'string' || typeof plural !== 'string') return undefined;
  if (checkDns1123Subdomain(group).length + checkDns1035Label(plural).length > 0) return undefined;
  if (!/^[A-Z][A-Za-z0-9]{0,62}$/.test(kind) || schema.kinds.some((known) => known.group === group))
    return undefined;
  const versions = (isArray(spec.versions) ? spec.versions : [])
    .filter(isObject)
    .filter(({ name }) => typeof name === 'string' && checkDns1123Label(name).length === 0);
  const stored = versions.find(({ storage }) => storage === true);
  if (stored === undefined) return undefined;
  const version = String(stored.name);
  const others = versions
    .filter((row) => row !== stored && row.served === true)
    .map(({ name }) => String(name));
  return {
    kind: {
      group,
      kind,
      version,
      versions: [version, ...others],
      plural,
      singular: typeof names.singular === 'string' ? names.singular : kind.toLowerCase(),
      shortNames: texts(names.shortNames),
      categories: texts(names.categories),
      namespaced: scope === 'Namespaced',
      subresources: subresourcesOf(stored),
      typeName: `custom.${group}.${version}.${kind}`,
      runs: false,
      internal: false,
    },
    type: { fields: fieldsOf(stored) },
  };
}

function texts(value: JsonValue | undefined): readonly string[] {
  return isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function subresourcesOf(version: JsonObject): readonly Subresource[] {
  const { subresources } = version;
  if (!isObject(subresources)) return [];
  return (['status', 'scale'] as const).filter((name) => isObject(subresources[name]));
}

/** The fields at the top of an object, each of any form. */
function fieldsOf(version: JsonObject): Readonly<Record<string, FieldDef>> {
  const schema = isObject(version.schema) ? version.schema.openAPIV3Schema : undefined;
  const properties = isObject(schema) && isObject(schema.properties) ? Object.keys(schema.properties) : [];
  const free = ['spec', 'status', ...properties].map((name): [string, FieldDef] => [name, { type: ANY }]);
  return {
    ...Object.fromEntries(free),
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: OBJECT_META },
  };
}
