import { assertNever } from '../base/errors.ts';
import { parseInt64 } from './int64.ts';
import { parseSelectorText } from './label-selector-text.ts';
import { checkLabelKey, checkLabelValue } from './names.ts';
import type { LabelSelector } from './types.gen.ts';

export const selectorOperators = ['=', '==', '!=', 'in', 'notin', 'exists', '!', 'gt', 'lt'] as const;
export type SelectorOperator = (typeof selectorOperators)[number];

export type Requirement = {
  readonly key: string;
  readonly operator: SelectorOperator;
  readonly values: readonly string[];
};

/** All requirements must hold: none = everything matches; null: nothing matches. */
export type Selector = readonly Requirement[] | null;

/** What reading a selector gives. */
export type SelectorResult =
  | { readonly selector: Selector; readonly error?: undefined }
  | { readonly error: string };

export type Labels = Readonly<Record<string, string>>;

/** What is wrong with a requirement; null when nothing is. Source: apimachinery labels NewRequirement. */
export function requirementError({ key, operator, values }: Requirement): string | null {
  const keyWrong = checkLabelKey(key)[0];
  if (keyWrong !== undefined) return `key ${JSON.stringify(key)}: ${keyWrong}`;
  const countWrong = valueCountError(operator, values.length);
  if (countWrong !== null) return `key ${JSON.stringify(key)}: ${countWrong}`;
  for (const value of values) {
    const wrong = checkLabelValue(value)[0];
    if (wrong !== undefined) return `value ${JSON.stringify(value)}: ${wrong}`;
    if ((operator === 'gt' || operator === 'lt') && parseInt64(value) === null)
      return `value ${JSON.stringify(value)}: must be an integer`;
  }
  return null;
}

function valueCountError(operator: SelectorOperator, count: number): string | null {
  switch (operator) {
    case 'in':
    case 'notin':
      return count > 0 ? null : 'needs at least one value';
    case 'exists':
    case '!':
      return count === 0 ? null : 'takes no value';
    case '=':
    case '==':
    case '!=':
    case 'gt':
    case 'lt':
      return count === 1 ? null : 'needs exactly one value';
    default:
      return assertNever(operator);
  }
}

/** Reads `a=b,c in (d,e),!f`, as requests carry it; '' is everything. */
export function parseLabelSelector(text: string): SelectorResult {
  const parsed = parseSelectorText(text);
  if ('error' in parsed) return parsed;
  return checked(parsed.requirements);
}

function checked(requirements: readonly Requirement[]): SelectorResult {
  for (const requirement of requirements) {
    const error = requirementError(requirement);
    if (error !== null) return { error };
  }
  return { selector: [...requirements].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)) };
}

const EXPRESSION_OPERATORS: ReadonlyMap<string, SelectorOperator> = new Map([
  ['In', 'in'],
  ['NotIn', 'notin'],
  ['Exists', 'exists'],
  ['DoesNotExist', '!'],
]);

/** A field of type LabelSelector: absent selects nothing, `{}` everything. */
export function selectorFromObject(from: LabelSelector | null | undefined): SelectorResult {
  if (from === null || from === undefined) return { selector: null };
  const requirements: Requirement[] = Object.entries(from.matchLabels ?? {}).map(([key, value]) => ({
    key,
    operator: '=',
    values: [value],
  }));
  for (const { key, operator: name, values = [] } of from.matchExpressions ?? []) {
    const operator = EXPRESSION_OPERATORS.get(name);
    if (operator === undefined)
      return { error: `operator ${JSON.stringify(name)}: must be In, NotIn, Exists or DoesNotExist` };
    requirements.push({ key, operator, values });
  }
  return checked(requirements);
}

/** A plain map of labels, as Services and ReplicationControllers select: absent or empty selects nothing. */
export function selectorFromLabels(labels: Labels | null | undefined): Selector {
  const entries = Object.entries(labels ?? {});
  if (entries.length === 0) return null;
  return entries.map(([key, value]) => ({ key, operator: '=', values: [value] }));
}

export function matchesSelector(selector: Selector, labels: Labels | undefined): boolean {
  return selector?.every((requirement) => matchesRequirement(requirement, labels ?? {})) ?? false;
}

/** Fewer values than this are looked through as fast as a set is asked. */
const SET_VALUES_MIN = 8;

/** The same as `matchesSelector` for whoever asks often, in a time that does not grow with the values of a requirement. */
export function selectorMatcher(selector: Selector): (labels: Labels | undefined) => boolean {
  if (selector === null) return () => false;
  const tests = selector.map((requirement): ((labels: Labels) => boolean) => {
    const { key, operator, values } = requirement;
    if (values.length < SET_VALUES_MIN) return (labels) => matchesRequirement(requirement, labels);
    const wanted = operator === 'in';
    const known: ReadonlySet<unknown> = new Set(values);
    return (labels) => (Object.hasOwn(labels, key) && known.has(labels[key])) === wanted;
  });
  return (labels = {}) => tests.every((test) => test(labels));
}

/** Whether a LabelSelector field selects these labels; one that cannot be read selects nothing. */
export function matchesLabelSelector(
  from: LabelSelector | null | undefined,
  labels: Labels | undefined,
): boolean {
  const result = selectorFromObject(from);
  return result.error === undefined && matchesSelector(result.selector, labels);
}

/** One requirement; numbers are compared as 64 bit integers, and what is none matches neither way. */
export function matchesRequirement({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value);
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'gt':
    case 'lt': {
      const actual = parseInt64(value ?? '');
      const bound = parseInt64(values[0] ?? '');
      if (actual === null || bound === null) return false;
      return operator === 'gt' ? actual > bound : actual < bound;
    }
    default:
      return assertNever(operator);
  }
}

/** The canonical text: by key, values sorted. null (nothing) has none and gives null. */
export function formatSelector(selector: Selector): string | null {
  if (selector === null) return null;
  return [...selector]
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(formatRequirement)
    .join(',');
}

function formatRequirement({ key, operator, values }: Requirement): string {
  switch (operator) {
    case 'exists':
      return key;
    case '!':
      return `!${key}`;
    case 'in':
    case 'notin':
      return `${key} ${operator} (${[...values].sort().join(',')})`;
    case 'gt':
      return `${key}>${values[0] ?? ''}`;
    case 'lt':
      return `${key}<${values[0] ?? ''}`;
    case '=':
    case '==':
    case '!=':
      return `${key}${operator}${values[0] ?? ''}`;
    default:
      return assertNever(operator);
  }
}
