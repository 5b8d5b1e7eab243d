import { toRfc3339, toRfc3339Micro } from '../../base/clock.ts';
import type { JsonValue } from '../../base/json.ts';
import { isJsonWithin } from './is-json-within.ts';
import { malformed, WireReader, wireTypes } from './wire-reader.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const EXTENSIONS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';

/** How the members of a message that mixes schemas with other values are read. */
export type Nested = { readonly schema: (bytes: Uint8Array) => JsonValue };

/**
 * A value whose form in JSON is not that of its message: texts, times, raw JSON. undefined: its zero value (a time that is
 * not set is written as a message without content).
 */
export function readSpecial(typeName: string, bytes: Uint8Array, nested: Nested): JsonValue | undefined {
  switch (typeName) {
    case 'io.k8s.apimachinery.pkg.api.resource.Quantity':
      return readQuantity(bytes);
    case `${META}.Time`:
      return readTime(bytes, toRfc3339);
    case `${META}.MicroTime`:
      return readTime(bytes, toRfc3339Micro);
    case 'io.k8s.apimachinery.pkg.util.intstr.IntOrString':
      return readIntOrString(bytes);
    case `${META}.FieldsV1`:
    case 'io.k8s.apimachinery.pkg.runtime.RawExtension':
    case `${EXTENSIONS}.JSON`:
      return readRaw(bytes);
    case `${EXTENSIONS}.JSONSchemaPropsOrArray`:
    case `${EXTENSIONS}.JSONSchemaPropsOrBool`:
    case `${EXTENSIONS}.JSONSchemaPropsOrStringArray`:
      return readSchemaOr(typeName, bytes, nested);
    default:
      return {};
  }
}

/** Text, zero included: the divisor of a resource is `"0"` where none was given. */
function readQuantity(bytes: Uint8Array): JsonValue {
  const reader = new WireReader(bytes);
  let text = '';
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    if (number === 1 && wireType === wireTypes.bytes) text = reader.text();
    else reader.skip(wireType);
  }
  return text === '' ? '0' : text;
}

/** The years RFC 3339 can write, in seconds since 1970. */
const YEAR_0_S = -62_167_219_200n;
const YEAR_10000_S = 253_402_300_800n;

function readTime(bytes: Uint8Array, write: (atMs: number) => string): JsonValue | undefined {
  const reader = new WireReader(bytes);
  if (reader.done) return undefined;
  let seconds = 0n;
  let nanos = 0n;
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    if (number === 1 && wireType === wireTypes.varint) seconds = BigInt.asIntN(64, reader.varint());
    else if (number === 2 && wireType === wireTypes.varint) nanos = BigInt.asIntN(32, reader.varint());
    else reader.skip(wireType);
  }
  if (seconds < YEAR_0_S || seconds >= YEAR_10000_S || nanos < 0n || nanos >= 1_000_000_000n)
    throw malformed('a time is out of range');
  const text = write(Number(seconds) * 1_000 + Number(nanos / 1_000_000n));
  // Milliseconds are all a number of them can say; the wire says more.
  return write === toRfc3339
    ? text
    : text.replace(/\.[0-9]+Z$/, `.${String(nanos / 1_000n).padStart(6, '0')}Z`);
}

function readIntOrString(bytes: Uint8Array): JsonValue {
  const reader = new WireReader(bytes);
  let isText = false;
  let value = 0;
  let text = '';
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    if (number === 1 && wireType === wireTypes.varint) isText = reader.varint() === 1n;
    else if (number === 2 && wireType === wireTypes.varint)
      value = Number(BigInt.asIntN(32, reader.varint()));
    else if (number === 3 && wireType === wireTypes.bytes) text = reader.text();
    else reader.skip(wireType);
  }
  return isText ? text : value;
}

/** JSON as it stands in the body. */
function readRaw(bytes: Uint8Array): JsonValue | undefined {
  const reader = new WireReader(bytes);
  let text = '';
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    if (number === 1 && wireType === wireTypes.bytes) text = reader.text();
    else reader.skip(wireType);
  }
  if (text === '') return undefined;
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    throw malformed('a value that should be JSON is not');
  }
  if (!isJsonWithin(value)) throw malformed('a value is nested too deep, or has a key __proto__');
  return value;
}

/** What may stand where a schema may: several schemas, texts, or a yes or no. Each in the field upstream gave it. */
function readSchemaOr(typeName: string, bytes: Uint8Array, nested: Nested): JsonValue | undefined {
  const reader = new WireReader(bytes);
  const schemaAt = typeName.endsWith('OrBool') ? 2 : 1;
  const textual = typeName.endsWith('OrStringArray');
  const many: JsonValue[] = [];
  let one: JsonValue | undefined;
  while (!reader.done) {
    const { number, wireType } = reader.tag();
    if (number === schemaAt && wireType === wireTypes.bytes) one = nested.schema(reader.lengthDelimited());
    else if (number === 2 && wireType === wireTypes.bytes)
      many.push(textual ? reader.text() : nested.schema(reader.lengthDelimited()));
    else if (number === 1 && wireType === wireTypes.varint) one ??= reader.varint() !== 0n;
    else reader.skip(wireType);
  }
  if (schemaAt === 2) return one ?? false;
  return one ?? many;
}
