import { withCustomResources } from '../schema/custom-resources.ts';
import { groupOf, type KubeObject } from '../schema/object.ts';
import type { Schema } from '../schema/schema.ts';
import { schemaOf } from '../schema/schema-of.ts';

/**
 * The schema with the kinds that the CustomResourceDefinitions among `objects` bring: those of the tree count before those that are
 * live, which the same commit may change.
 */
export function schemaOfTree(schema: Schema, objects: Iterable<KubeObject>): Schema {
  const definitions: KubeObject[] = [];
  for (const object of objects)
    if (object.kind === 'CustomResourceDefinition' && groupOf(object.apiVersion) === 'apiextensions.k8s.io')
      definitions.push(object);
  if (definitions.length === 0) return schema;
  const builtin = schema.kinds.filter(({ custom }) => custom === undefined);
  const bare = schemaOf({ kinds: builtin, types: {} });
  const tree = withCustomResources(bare, definitions);
  const own = tree.kinds.filter(({ custom }) => custom !== undefined);
  const replaced = new Set(own.map(({ group, kind }) => `${group}/${kind}`));
  const others = schema.kinds.filter(({ group, kind }) => !replaced.has(`${group}/${kind}`));
  return {
    kinds: [...others, ...own],
    kindOf: (apiVersion, kind) => tree.kindOf(apiVersion, kind) ?? schema.kindOf(apiVersion, kind),
    kind: (ref) => tree.kind(ref) ?? schema.kind(ref),
    kindByPlural: (group, plural) => tree.kindByPlural(group, plural) ?? schema.kindByPlural(group, plural),
    type: (typeName) => tree.type(typeName) ?? schema.type(typeName),
  };
}
