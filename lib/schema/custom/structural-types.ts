import type { FieldDef, TypeDef } from '../schema.ts';
import {
  isEmbedded,
  isIntOrString,
  nodeAt,
  othersOf,
  propertiesOf,
  type SchemaNode,
  textsOf,
} from './structural-schema.ts';

export const ANY = 'dev.pintle.v1.Any';
export const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

const HEAD: Readonly<Record<string, FieldDef>> = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: { type: OBJECT_META },
};

/** What all objects have, and anything else. */
export const headType: TypeDef = { fields: HEAD, open: true };

/**
 * A structural schema as types, for what goes by types: who owns which field, how lists merge, which fields there are. The first is
 * that of the object, by its name; those below are named after it.
 */
export function structuralTypes(typeName: string, root: SchemaNode): ReadonlyMap<string, TypeDef> {
  const types = new Map<string, TypeDef>();
  const add = (name: string, node: SchemaNode, isHead: boolean): void => {
    // Its place is taken before what stands below it takes the next.
    types.set(name, {});
    const fields = propertiesOf(node).map(([key, property]) => [key, fieldOf(property)] as const);
    types.set(name, {
      fields: { ...Object.fromEntries(fields), ...(isHead && HEAD) },
      ...(node['x-kubernetes-map-type'] === 'atomic' && { mapType: 'atomic' as const }),
      ...(node['x-kubernetes-preserve-unknown-fields'] === true && { open: true }),
    });
  };
  const typeOf = (node: SchemaNode): string => {
    if (isIntOrString(node)) return ANY;
    switch (node.type) {
      case 'string':
        return 'string';
      case 'boolean':
        return 'boolean';
      case 'integer':
        return 'integer:int64';
      case 'number':
        return 'number:double';
      case 'array': {
        const items = nodeAt(node, 'items');
        return `${items === undefined ? ANY : typeOf(items)}[]`;
      }
      default:
        return objectTypeOf(node);
    }
  };
  const objectTypeOf = (node: SchemaNode): string => {
    const others = othersOf(node);
    if (others !== undefined) return `map<${others === true ? ANY : typeOf(others)}>`;
    if (!isEmbedded(node) && propertiesOf(node).length === 0) return ANY;
    const name = `${typeName}#${types.size}`;
    add(name, node, isEmbedded(node));
    return name;
  };
  const fieldOf = (node: SchemaNode): FieldDef => {
    const listType = node['x-kubernetes-list-type'];
    const keys = textsOf(node['x-kubernetes-list-map-keys']);
    return {
      type: typeOf(node),
      ...(node.default !== undefined && { default: node.default }),
      ...(node.type === 'array' && listOf(listType, keys)),
      ...(node['x-kubernetes-map-type'] === 'atomic' && { mapType: 'atomic' as const }),
    };
  };
  add(typeName, root, true);
  return types;
}

function listOf(listType: unknown, keys: readonly string[]): Pick<FieldDef, 'listType' | 'listMapKeys'> {
  if (listType === 'map' && keys.length > 0) return { listType, listMapKeys: keys };
  return { listType: listType === 'set' ? 'set' : 'atomic' };
}
