import { FORBIDDEN_KEYS, isObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import type { FieldShape, Scalar } from '../field-shape.ts';
import { type MessageField, type MessageTable, messageTable, specialForm } from './message-table.ts';
import { readSpecial } from './read-special.ts';
import { malformed, WireReader, wireTypes } from './wire-reader.ts';

type Draft = Record<string, JsonValue>;
type Member = Extract<MessageField, { form: 'member' }>;
/** Values read so far: a body of a megabyte must not become half a million objects. */
type Budget = { values: number };

const JSON_SCHEMA = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';

/**
 * The JSON of a message of a type of the facts. Fields nobody knows are passed over (a newer client's); the zero value of a
 * field that is neither a pointer nor required is left out, as it says nothing. @throws UserError INVALID_PROTOBUF
 */
export function readMessage(typeName: string, bytes: Uint8Array): JsonObject {
  return messageOf(typeName, bytes, { depth: 0, budget: { values: 0 } });
}

type Within = { readonly depth: number; readonly budget: Budget };

function messageOf(typeName: string, bytes: Uint8Array, within: Within): JsonObject {
  const object: Draft = {};
  readFields(messageTable(typeName), bytes, object, within);
  return object;
}

function readFields(table: MessageTable, bytes: Uint8Array, object: Draft, within: Within): void {
  if (within.depth > limits.objectDepthMax) throw malformed('it is nested too deep');
  const reader = new WireReader(bytes);
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    const field = table.get(number);
    if (field === undefined) reader.skip(wireType);
    else if (field.form === 'inline')
      readFields(field.message, delimited(reader, wireType), object, deeper(within));
    else readMember(field, { reader, wireType, object, within });
  }
}

type At = {
  readonly reader: WireReader;
  readonly wireType: number;
  readonly object: Draft;
  readonly within: Within;
};

function readMember(field: Member, at: At): void {
  const { name, shape } = field;
  const before = at.object[name];
  if (shape.form === 'list') {
    const list: JsonValue[] = Array.isArray(before) ? before : [];
    readItems(shape.of, list, at);
    at.object[name] = list;
  } else if (shape.form === 'map') {
    const map: Draft = isObject(before) ? (before as Draft) : {};
    readEntry(shape.of, map, at);
    at.object[name] = map;
  } else {
    const value = readValue(shape, at);
    if (value !== undefined && (field.keepsZero || !isZero(value, shape))) at.object[name] = value;
    else delete at.object[name];
  }
}

/** One item, or several numbers in one stretch. */
function readItems(of: FieldShape, list: JsonValue[], at: At): void {
  const numeric = of.form === 'scalar' && (of.scalar.startsWith('integer') || of.scalar === 'boolean');
  if (!numeric || at.wireType !== wireTypes.bytes) {
    list.push(readValue(of, at) ?? null);
    return;
  }
  const packed = new WireReader(delimited(at.reader, at.wireType));
  while (!packed.done)
    list.push(readValue(of, { ...at, reader: packed, wireType: wireTypes.varint }) ?? null);
}

/** An entry of a map is a message of a key (1) and a value (2); either is left out when it is zero. */
function readEntry(of: FieldShape, map: Draft, at: At): void {
  const reader = new WireReader(delimited(at.reader, at.wireType));
  let key = '';
  let value: JsonValue | undefined;
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    if (number === 1 && wireType === wireTypes.bytes) key = reader.text();
    else if (number === 2) value = readValue(of, { ...at, reader, wireType });
    else reader.skip(wireType);
  }
  if (FORBIDDEN_KEYS.has(key)) throw malformed(`the key ${key} is not allowed`);
  map[key] = value ?? emptyOf(of);
}

function emptyOf(shape: FieldShape): JsonValue {
  if (shape.form === 'type') return specialForm(shape.typeName) === undefined ? {} : null;
  if (shape.form === 'scalar')
    return shape.scalar === 'boolean' ? false : shape.scalar.startsWith('string') ? '' : 0;
  return shape.form === 'list' ? [] : {};
}

/** undefined: a zero value that JSON has no form for. */
function readValue(shape: FieldShape, at: At): JsonValue | undefined {
  at.within.budget.values += 1;
  if (at.within.budget.values > limits.protobufValuesMax) throw malformed('it holds too many values');
  if (shape.form === 'scalar') return readScalar(shape.scalar, at);
  const bytes = delimited(at.reader, at.wireType);
  if (shape.form === 'type') return readType(shape.typeName, bytes, deeper(at.within));
  // A map of lists (the extra attributes of a user): its value is a message with the list in field 1.
  if (shape.form === 'list') return listMessage(shape.of, bytes, at);
  throw malformed('a map within a map');
}

function readType(typeName: string, bytes: Uint8Array, within: Within): JsonValue | undefined {
  if (specialForm(typeName) === undefined) return messageOf(typeName, bytes, within);
  return readSpecial(typeName, bytes, { schema: (inner) => messageOf(JSON_SCHEMA, inner, deeper(within)) });
}

function listMessage(of: FieldShape, bytes: Uint8Array, at: At): JsonValue {
  const reader = new WireReader(bytes);
  const list: JsonValue[] = [];
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    if (number === 1) readItems(of, list, { ...at, reader, wireType });
    else reader.skip(wireType);
  }
  return list;
}

function readScalar(scalar: Scalar, { reader, wireType }: At): JsonValue {
  const expected =
    scalar === 'number:double'
      ? wireTypes.fixed64
      : scalar.startsWith('string')
        ? wireTypes.bytes
        : wireTypes.varint;
  if (wireType !== expected) throw malformed(`wire type ${wireType} where ${expected} is right`);
  switch (scalar) {
    case 'string':
      return reader.text();
    case 'string:byte':
      return Buffer.from(reader.lengthDelimited()).toString('base64');
    case 'boolean':
      return reader.varint() !== 0n;
    case 'integer:int32':
      return Number(BigInt.asIntN(32, reader.varint()));
    case 'integer:int64':
      return safeNumber(BigInt.asIntN(64, reader.varint()));
    case 'number:double':
      return finite(reader.double());
  }
}

function safeNumber(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw malformed(`the number ${value} cannot be kept exactly`);
  return number;
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw malformed('a number is not finite');
  return value;
}

function delimited(reader: WireReader, wireType: number): Uint8Array {
  if (wireType !== wireTypes.bytes)
    throw malformed(`wire type ${wireType} where ${wireTypes.bytes} is right`);
  return reader.lengthDelimited();
}

function deeper(within: Within): Within {
  return { depth: within.depth + 1, budget: within.budget };
}

const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';

function isZero(value: JsonValue, shape: FieldShape): boolean {
  if (shape.form === 'type' && shape.typeName === QUANTITY) return value === '0';
  if (shape.form === 'type' && isObject(value))
    return specialForm(shape.typeName) === undefined && Object.keys(value).length === 0;
  return value === 0 || value === '' || value === false;
}
