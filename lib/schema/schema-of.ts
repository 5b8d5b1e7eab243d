import type { KindRef } from './object.ts';
import { apiVersionOf } from './object.ts';
import type { Kind, Schema, TypeDef } from './schema.ts';

export type MovedKind = KindRef & { readonly version: string; readonly to: KindRef };

/** A schema over tables. Lookups are by map; `moved` kinds are found under their other group too. */
export function schemaOf(tables: {
  readonly kinds: readonly Kind[];
  readonly moved?: readonly MovedKind[];
  readonly types: Readonly<Record<string, TypeDef>>;
}): Schema {
  const byWritten = new Map<string, Kind>();
  const byRef = new Map<string, Kind>();
  const byPlural = new Map<string, Kind>();
  for (const kind of tables.kinds) {
    byRef.set(`${kind.group}/${kind.kind}`, kind);
    byPlural.set(`${kind.group}/${kind.plural}`, kind);
    for (const version of kind.versions)
      byWritten.set(`${apiVersionOf(kind.group, version)}/${kind.kind}`, kind);
  }
  for (const { group, version, kind, to } of tables.moved ?? []) {
    const target = byRef.get(`${to.group}/${to.kind}`);
    if (target === undefined) continue;
    byWritten.set(`${apiVersionOf(group, version)}/${kind}`, target);
    byRef.set(`${group}/${kind}`, target);
    byPlural.set(`${group}/${target.plural}`, target);
  }
  // A Map, so that a name such as `constructor` finds nothing.
  const types = new Map(Object.entries(tables.types));
  return {
    kinds: tables.kinds,
    kindOf: (apiVersion, kind) => byWritten.get(`${apiVersion}/${kind}`),
    kind: (ref) => byRef.get(`${ref.group}/${ref.kind}`),
    kindByPlural: (group, plural) => byPlural.get(`${group}/${plural}`),
    type: (typeName) => types.get(typeName),
  };
}
