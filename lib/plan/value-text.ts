import { isArray, isObject, type JsonValue } from '../base/json.ts';
import { printable } from '../manifests/problem-text.ts';

/** A line of a plan stays readable on a terminal. */
const CHARACTERS_MAX = 100;
/** Of two long texts, what is shown before the first character that differs. */
const LEAD_CHARACTERS = 30;

/** A value in one line, as one would write it in flow YAML; null: not set. */
export function valueText(value: JsonValue | undefined): string | null {
  return value === undefined ? null : cut(flowText(value));
}

/** Two differing values, each in one line, the difference in sight. */
export function differingTexts(
  before: JsonValue,
  after: JsonValue,
): { readonly from: string; readonly to: string } {
  if (typeof before === 'string' && typeof after === 'string') {
    if (before.includes('\n') || after.includes('\n')) return differingLines(before, after);
  }
  const long = typeof before === 'string' && typeof after === 'string' && before.length > CHARACTERS_MAX;
  const [from, to] = long ? [before, after] : [flowText(before), flowText(after)];
  const same = commonStart(from, to);
  if (Math.max(from.length, to.length) <= CHARACTERS_MAX || same <= LEAD_CHARACTERS)
    return { from: cut(from), to: cut(to) };
  const start = same - LEAD_CHARACTERS;
  return { from: cut(`…${from.slice(start)}`), to: cut(`…${to.slice(start)}`) };
}

function differingLines(before: string, after: string): { readonly from: string; readonly to: string } {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const start = commonStart(old, now);
  const end = commonStart(old.slice(start).reverse(), now.slice(start).reverse());
  return { from: linesText(old, { start, end }), to: linesText(now, { start, end }) };
}

/** `line 3 "x" and 2 more lines`: what of the text is neither in the common start nor in the common end. */
function linesText(
  lines: readonly string[],
  { start, end }: { readonly start: number; readonly end: number },
): string {
  const differing = lines.slice(start, lines.length - end);
  const [first] = differing;
  if (first === undefined) return 'nothing there';
  const rest = differing.length - 1;
  const more = rest === 0 ? '' : ` and ${rest} more line${rest === 1 ? '' : 's'}`;
  return `line ${start + 1} ${cut(JSON.stringify(first.trim()))}${more}`;
}

function commonStart(a: string | readonly string[], b: string | readonly string[]): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length += 1;
  return length;
}

function flowText(value: JsonValue): string {
  if (isArray(value)) return `[${value.map(flowText).join(', ')}]`;
  if (isObject(value)) {
    const members = Object.entries(value).flatMap(([key, member]) =>
      member === undefined ? [] : [`${key}: ${flowText(member)}`],
    );
    return `{${members.join(', ')}}`;
  }
  return typeof value === 'string' ? stringText(value) : String(value);
}

/** Quoted only where it would read as something else. */
function stringText(text: string): string {
  const plain =
    /^[^\s'"{}[\],&*#?|<>=!%@`][^{}[\],#]*$/.test(text) && text.trim() === text && printable(text) === text;
  const otherwise = /^(true|false|null|yes|no|on|off|~|[-+.]?[0-9][0-9_.eE+-]*)$/i.test(text);
  return plain && !otherwise ? text : JSON.stringify(text);
}

function cut(text: string): string {
  return text.length > CHARACTERS_MAX ? `${text.slice(0, CHARACTERS_MAX)}…` : text;
}
