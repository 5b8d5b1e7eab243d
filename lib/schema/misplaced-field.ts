import { fieldShape } from './field-shape.ts';
import { type FieldPath, fieldPathText } from './finding.ts';
import type { Schema } from './schema.ts';

type Owner = { readonly typeName: string; readonly depth: number };

/** How far below an object a field that stands in it may belong. */
const LEVELS_MAX = 5;
/** So many types have these that another place for one says nothing. */
const EVERYWHERE: ReadonlySet<string> = new Set([
  'name',
  'type',
  'kind',
  'key',
  'value',
  'apiVersion',
  'status',
]);

/**
 * Where an unknown field probably belongs, as text: `spec.template.spec.containers[].image`. Looked for below the object it
 * stands in, then in the objects around it, then below the root; undefined unless exactly one place is nearest.
 * `owners`: the types on the way, outermost first; `path`: of the object the field stands in.
 */
export function placeOfField(
  schema: Schema,
  owners: readonly Owner[],
  path: FieldPath,
  name: string,
): string | undefined {
  const here = owners.at(-1);
  const root = owners[0];
  if (here === undefined || root === undefined) return undefined;
  if (EVERYWHERE.has(name) && owners.length > 1) return undefined;
  const below = stepsDown(schema, here.typeName, name);
  if (below !== undefined) return joined(path, below);
  for (const owner of owners.slice(0, -1).reverse()) {
    if (hasField(schema, owner.typeName, name)) return joined(path.slice(0, owner.depth), name);
  }
  const fromRoot = stepsDown(schema, root.typeName, name);
  return fromRoot === undefined ? undefined : joined([], fromRoot);
}

function joined(path: FieldPath, steps: string): string {
  return path.length === 0 ? steps : `${fieldPathText(path)}.${steps}`;
}

function hasField(schema: Schema, typeName: string, name: string): boolean {
  return Object.hasOwn(schema.type(typeName)?.fields ?? {}, name);
}

/** The one nearest way down to a field of this name. Of lists only those an object cannot do without are entered. */
function stepsDown(schema: Schema, from: string, name: string): string | undefined {
  const seen = new Set([from]);
  let level = [{ typeName: from, steps: '' }];
  for (let depth = 0; depth < LEVELS_MAX && level.length > 0; depth += 1) {
    const next: typeof level = [];
    for (const { typeName, steps } of level) {
      for (const [field, def] of Object.entries(schema.type(typeName)?.fields ?? {})) {
        const shape = fieldShape(def);
        const inner = shape.form === 'list' && def.required === true ? shape.of : shape;
        if (inner.form !== 'type' || field === 'status' || seen.has(inner.typeName)) continue;
        seen.add(inner.typeName);
        next.push({
          typeName: inner.typeName,
          steps: `${steps}${field}${shape.form === 'list' ? '[]' : ''}.`,
        });
      }
    }
    const found = next.filter(({ typeName }) => hasField(schema, typeName, name));
    if (found.length > 0) return found.length === 1 ? `${found[0]?.steps}${name}` : undefined;
    level = next;
  }
  return undefined;
}
