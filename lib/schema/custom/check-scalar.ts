import { deepEqual, isArray, isObject, type JsonValue } from '../../base/json.ts';
import { type FieldPath, fieldPathText } from '../finding.ts';
import { invalidValue, notSupported, tooLong, tooMany, type Wording, wrongType } from '../wording.ts';
import { isOfFormat } from './formats.ts';
import { patternOf } from './pattern-of.ts';
import type { SchemaNode } from './structural-schema.ts';

/** What `enum`, ranges, lengths, `pattern` and `format` refuse of a value of the right type. */
export function wrongScalar(node: SchemaNode, value: JsonValue, path: FieldPath): readonly Wording[] {
  const wrong: Wording[] = [];
  const name = fieldPathText(path);
  if (isArray(node.enum) && !node.enum.some((known) => deepEqual(known, value)))
    wrong.push(notSupported(value, node.enum));
  if (typeof value === 'string') wrong.push(...wrongText(node, value, name));
  if (typeof value === 'number') wrong.push(...wrongNumber(node, value, name));
  if (isObject(value)) {
    const count = Object.keys(value).length;
    const [min, max] = [numberAt(node, 'minProperties'), numberAt(node, 'maxProperties')];
    if (max !== undefined && count > max) wrong.push(tooMany({ count, max }));
    if (min !== undefined && count < min)
      wrong.push(invalidValue(count, `${name} in body should have at least ${min} properties`));
  }
  return wrong;
}

export function numberAt(node: SchemaNode, name: string): number | undefined {
  const found = node[name];
  return typeof found === 'number' ? found : undefined;
}

function wrongText(node: SchemaNode, value: string, name: string): readonly Wording[] {
  const wrong: Wording[] = [];
  const [min, max] = [numberAt(node, 'minLength'), numberAt(node, 'maxLength')];
  // Characters, not the halves of some.
  const length = min === undefined && max === undefined ? 0 : [...value].length;
  if (max !== undefined && length > max) wrong.push(tooLong(max));
  if (min !== undefined && length < min)
    wrong.push(invalidValue(value, `${name} in body should be at least ${min} chars long`));
  if (typeof node.pattern === 'string' && !matches(node, value))
    wrong.push(invalidValue(value, `${name} in body should match '${node.pattern}'`));
  const { format } = node;
  if (typeof format === 'string' && !isOfFormat(format, value))
    wrong.push(invalidValue(value, `${name} in body must be of type ${format}: ${JSON.stringify(value)}`));
  return wrong;
}

/** A text too long for its pattern does not match; a pattern that cannot be read was refused with its definition. */
function matches(node: SchemaNode, value: string): boolean {
  const pattern = patternOf(node);
  return pattern === null || pattern.matches(value) === true;
}

const FORMAT_MAX: ReadonlyMap<JsonValue | undefined, number> = new Map([
  ['int32', 2 ** 31 - 1],
  ['int64', 2 ** 63],
]);

function wrongNumber(node: SchemaNode, value: number, name: string): readonly Wording[] {
  const wrong: Wording[] = [];
  const say = (why: string): void => void wrong.push(invalidValue(value, `${name} in body should be ${why}`));
  const [min, max] = [numberAt(node, 'minimum'), numberAt(node, 'maximum')];
  if (max !== undefined && (node.exclusiveMaximum === true ? value >= max : value > max))
    say(`less than ${node.exclusiveMaximum === true ? '' : 'or equal to '}${max}`);
  if (min !== undefined && (node.exclusiveMinimum === true ? value <= min : value < min))
    say(`greater than ${node.exclusiveMinimum === true ? '' : 'or equal to '}${min}`);
  const multiple = numberAt(node, 'multipleOf');
  if (multiple !== undefined && multiple > 0 && !isMultiple(value, multiple))
    say(`a multiple of ${multiple}`);
  const most = FORMAT_MAX.get(node.format);
  if (most !== undefined && (value > most || value < -most - 1))
    wrong.push(
      wrongType('number', `${name} in body must be of type ${String(node.format)}: ${JSON.stringify(value)}`),
    );
  return wrong;
}

/** 0.3 is three times 0.1, though its nearest number is not. */
function isMultiple(value: number, of: number): boolean {
  const times = value / of;
  return Math.abs(times - Math.round(times)) <= 1e-9 * Math.max(1, Math.abs(times));
}
