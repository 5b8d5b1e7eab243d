import { limits } from '../base/limits.ts';
import type { Requirement, SelectorOperator } from './label-selector.ts';

/**
 * The grammar of selector text. Source: apimachinery labels.Parse.
 *
 *     selector    = "" | requirement { "," requirement }
 *     requirement = key | "!" key | key ("=" | "==" | "!=" | ">" | "<") [value] | key ("in" | "notin") "(" values ")"
 *     values      = [value] { "," [value] }
 *
 * Keys and values are checked by the caller; here they are whatever stands between blanks and the signs = ! < > ( ) ,
 */
const TOKEN = /\s*(==|!=|=|!|<|>|\(|\)|,|[^\s=!<>(),]+)/y;
const SIGNS: ReadonlySet<string> = new Set(['==', '!=', '=', '!', '<', '>', '(', ')', ',']);

const SIMPLE_OPERATORS: ReadonlyMap<string, SelectorOperator> = new Map([
  ['=', '='],
  ['==', '=='],
  ['!=', '!='],
  ['>', 'gt'],
  ['<', 'lt'],
]);

type Parsed = { readonly requirements: readonly Requirement[] } | { readonly error: string };

export function parseSelectorText(text: string): Parsed {
  if (text.length > limits.selectorCharsMax)
    return { error: `the selector is longer than ${limits.selectorCharsMax} characters` };
  const tokens = tokenise(text);
  const requirements: Requirement[] = [];
  let at = 0;
  while (at < tokens.length) {
    const step = parseRequirement(tokens, at);
    if ('error' in step) return step;
    requirements.push(step.requirement);
    if (requirements.length > limits.selectorRequirementsMax)
      return { error: `it has more than ${limits.selectorRequirementsMax} requirements` };
    at = step.next;
    if (at === tokens.length) break;
    if (tokens[at] !== ',') return unexpected(tokens[at], '`,` or the end');
    at += 1;
    if (at === tokens.length) return unexpected(undefined, 'a key after `,`');
  }
  return { requirements };
}

function tokenise(text: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) tokens.push(match[1] ?? '');
  return tokens;
}

const isWord = (token: string | undefined): token is string => token !== undefined && !SIGNS.has(token);

const unexpected = (found: string | undefined, expected: string): { readonly error: string } => ({
  error: `found ${found === undefined ? 'the end' : `\`${found}\``}, expected ${expected}`,
});

type Step = { readonly requirement: Requirement; readonly next: number } | { readonly error: string };

function parseRequirement(tokens: readonly string[], from: number): Step {
  const negated = tokens[from] === '!';
  const at = negated ? from + 1 : from;
  const key = tokens[at];
  if (!isWord(key)) return unexpected(key, 'a key');
  if (negated) return { requirement: { key, operator: '!', values: [] }, next: at + 1 };
  const sign = tokens[at + 1];
  if (sign === undefined || sign === ',')
    return { requirement: { key, operator: 'exists', values: [] }, next: at + 1 };
  if (sign === 'in' || sign === 'notin') return parseSet(tokens, { key, operator: sign, from: at + 2 });
  const operator = SIMPLE_OPERATORS.get(sign);
  if (operator === undefined) return unexpected(sign, 'an operator: =, ==, !=, in, notin, > or <');
  const value = tokens[at + 2];
  if (isWord(value)) return { requirement: { key, operator, values: [value] }, next: at + 3 };
  if (value === undefined || value === ',')
    return { requirement: { key, operator, values: [''] }, next: at + 2 };
  return unexpected(value, 'a value');
}

function parseSet(
  tokens: readonly string[],
  of: { readonly key: string; readonly operator: 'in' | 'notin'; readonly from: number },
): Step {
  if (tokens[of.from] !== '(') return unexpected(tokens[of.from], '`(`');
  const values: string[] = [];
  let pending = '';
  for (let at = of.from + 1; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (isWord(token)) {
      if (pending !== '') return unexpected(token, '`,` or `)`');
      pending = token;
      continue;
    }
    if (token !== ',' && token !== ')') return unexpected(token, 'a value, `,` or `)`');
    if (!values.includes(pending)) values.push(pending);
    pending = '';
    if (token === ')') return { requirement: { key: of.key, operator: of.operator, values }, next: at + 1 };
  }
  return unexpected(undefined, '`)`');
}
