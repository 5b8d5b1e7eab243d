/** For property tests only: objects that have the shape of their kind, made from the schema itself. */
import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../base/json.ts';
import { compiledType } from '../schema/compiled-type.ts';
import { type FieldShape, fieldShape } from '../schema/field-shape.ts';
import { apiVersionOf } from '../schema/object.ts';
import type { FieldDef, Schema } from '../schema/schema.ts';

const DEPTH_MAX = 9;

/** An object of any kind of the schema. The seed decides everything: a deterministic walk needs no shrinking of its own. */
export function arbitraryObject(schema: Schema): fc.Arbitrary<JsonObject> {
  return fc
    .record({ kind: fc.constantFrom(...schema.kinds), next: fc.infiniteStream(fc.nat(1000)) })
    .map(({ kind, next }) => {
      const draw = (below: number): number => (next.next().value ?? 0) % below;
      const { metadata: _drawn, ...rest } = objectOf({ schema, typeName: kind.typeName, depth: 0, draw });
      const metadata = { name: `n${draw(9)}`, labels: { app: `v${draw(3)}` } };
      return { ...rest, apiVersion: apiVersionOf(kind.group, kind.version), kind: kind.kind, metadata };
    });
}

type Making = {
  readonly schema: Schema;
  readonly depth: number;
  /** A number from 0, less than `below`. */
  readonly draw: (below: number) => number;
};

function objectOf(making: Making & { readonly typeName: string }): JsonObject {
  const { schema, typeName, depth, draw } = making;
  const type = schema.type(typeName);
  if (type === undefined) return {};
  const { fields, required } = compiledType(schema, typeName, type);
  const made: Record<string, JsonValue> = {};
  for (const [name, field] of fields) {
    const wanted = required.includes(name) || draw(depth < 3 ? 3 : 8) === 0;
    if (name === 'status' || (!wanted && name !== 'spec') || (depth > DEPTH_MAX && !required.includes(name)))
      continue;
    made[name] = makeValue({ ...making, depth: depth + 1 }, fieldShape(field), field);
  }
  return made;
}

function makeValue(making: Making, shape: FieldShape, field: FieldDef): JsonValue {
  const { draw } = making;
  switch (shape.form) {
    case 'list':
      return Array.from({ length: field.required === true ? 1 + draw(2) : draw(3) }, () =>
        makeValue(making, shape.of, field),
      );
    case 'map':
      return Object.fromEntries(
        Array.from({ length: draw(3) }, (_, at) => [`key${at}`, makeValue(making, shape.of, field)]),
      );
    case 'type':
      return typedValue(making, shape.typeName);
    case 'scalar':
      if (field.values !== undefined) return field.values[draw(field.values.length)] || 'x';
      if (shape.scalar === 'boolean') return draw(2) === 0;
      if (shape.scalar === 'string:byte') return 'AAAA';
      if (shape.scalar === 'string') return ['x', 'web', 'image:latest', 'a/b@sha256:0', '/'][draw(5)] ?? 'x';
      return field.required === true ? 1 + draw(100) : draw(100) - 5;
  }
}

function typedValue(making: Making, typeName: string): JsonValue {
  const type = making.schema.type(typeName);
  const is = type?.is;
  if (typeName.endsWith('.Quantity')) return ['1', '500m', '0.1', '64Mi', '1n', 3][making.draw(6)] ?? '1';
  if (is === 'int-or-string') return [0, 1, 80, '25%', 'http'][making.draw(5)] ?? 1;
  if (is === 'string:date-time') return '2026-01-02T03:04:05Z';
  return is === undefined ? objectOf({ ...making, typeName }) : {};
}
