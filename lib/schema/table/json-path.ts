import { deepEqual, isArray, isObject, type JsonValue } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';

/** One step of a path: into a member, an item, all of them, or those that a member's value picks. */
type Step =
  | { readonly step: 'member'; readonly name: string }
  | { readonly step: 'item'; readonly at: number }
  | { readonly step: 'all' }
  | { readonly step: 'filter'; readonly path: readonly string[]; readonly equals: JsonValue };

export type JsonPath = readonly Step[];

const MEMBER = /\.([\w-]+(?:\\\.[\w-]+)*)/y;
const QUOTED = /\[\s*(?:'([^']*)'|"([^"]*)")\s*\]/y;
const ITEM = /\[\s*(-?[0-9]{1,6})\s*\]/y;
const ALL = /(?:\[\s*\*\s*\]|\.\*)/y;
const FILTER = /\[\s*\?\s*\(\s*@((?:\.[\w-]+)+)\s*==\s*("[^"]*"|'[^']*'|true|false|-?[0-9]{1,15})\s*\)\s*\]/y;

/** The part of JSONPath that printer columns use: `.spec.a`, `['a']`, `[0]`, `[*]`, `[?(@.type=="Ready")]`; null when it is another. */
export function parseJsonPath(text: string): JsonPath | null {
  if (text.length > limits.printerColumnCharsMax) return null;
  const steps: Step[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  while (at < text.length) {
    let found = match(MEMBER) ?? match(QUOTED);
    if (found !== null) {
      const name = found[1] ?? found[2] ?? '';
      steps.push({ step: 'member', name: name.replaceAll('\\.', '.') });
      continue;
    }
    found = match(ITEM);
    if (found !== null) {
      steps.push({ step: 'item', at: Number(found[1]) });
      continue;
    }
    if (match(ALL) !== null) {
      steps.push({ step: 'all' });
      continue;
    }
    found = match(FILTER);
    if (found === null) return null;
    const [, path = '', literal = ''] = found;
    steps.push({ step: 'filter', path: path.split('.').slice(1), equals: literalOf(literal) });
  }
  return steps;
}

function literalOf(text: string): JsonValue {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^["']/.test(text) ? text.slice(1, -1) : Number(text);
}

/** The values a path leads to. */
export function valuesAt(path: JsonPath, value: JsonValue): readonly JsonValue[] {
  let found: readonly JsonValue[] = [value];
  for (const step of path) found = found.flatMap((one) => taken(step, one));
  return found;
}

function taken(step: Step, value: JsonValue): readonly JsonValue[] {
  switch (step.step) {
    case 'member':
      return memberOf(value, step.name);
    case 'item': {
      const item = isArray(value) ? value.at(step.at) : undefined;
      return item === undefined ? [] : [item];
    }
    case 'all':
      return membersOf(value);
    case 'filter':
      return membersOf(value).filter((item) => {
        let found: readonly JsonValue[] = [item];
        for (const name of step.path) found = found.flatMap((one) => memberOf(one, name));
        return found.some((one) => deepEqual(one, step.equals));
      });
  }
}

function memberOf(value: JsonValue, name: string): readonly JsonValue[] {
  const member = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return member === undefined ? [] : [member];
}

function membersOf(value: JsonValue): readonly JsonValue[] {
  if (isArray(value)) return value;
  return isObject(value) ? Object.values(value).filter((member) => member !== undefined) : [];
}
