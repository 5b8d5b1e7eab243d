import { isObject } from '../base/json.ts';
import { limits } from '../base/limits.ts';
import type { KubeObject } from './object.ts';

/** One term: the field at a dotted path equals, or does not equal, a text. */
export type FieldTerm = { readonly path: string; readonly operator: '=' | '!='; readonly value: string };
export type FieldSelector = readonly FieldTerm[];

/** One term: path, sign, value; in the value `\\`, `\,` and `\=` stand for the sign itself. */
const TERM = /^([^=!\\]+)(!=|==|=)((?:[^\\=]|\\[\\,=])*)$/;

/**
 * Reads `metadata.name=web,status.phase!=Running`; '' selects everything. Which paths a kind supports is for its
 * API to say. Source: apimachinery fields.ParseSelector.
 */
export function parseFieldSelector(
  text: string,
): { readonly terms: FieldSelector } | { readonly error: string } {
  if (text.length > limits.selectorCharsMax)
    return { error: `the selector is longer than ${limits.selectorCharsMax} characters` };
  const terms: FieldTerm[] = [];
  for (const part of splitTerms(text)) {
    if (part === '') continue;
    const match = TERM.exec(part);
    if (match === null) return { error: `\`${part}\` is not path=value, path==value or path!=value` };
    const [, path = '', sign, value = ''] = match;
    if (terms.length === limits.selectorRequirementsMax)
      return { error: `it has more than ${limits.selectorRequirementsMax} terms` };
    terms.push({ path, operator: sign === '!=' ? '!=' : '=', value: value.replace(/\\(.)/g, '$1') });
  }
  return { terms };
}

function splitTerms(text: string): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === ',') {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

/** The field at a dotted path, as text; '' when it is absent or not a scalar. */
export function fieldText(object: KubeObject, path: string): string {
  let value: unknown = object;
  for (const part of path.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, part)) return '';
    value = value[part];
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}

export function matchesFieldSelector(terms: FieldSelector, object: KubeObject): boolean {
  return terms.every(
    ({ path, operator, value }) => (fieldText(object, path) === value) === (operator === '='),
  );
}
