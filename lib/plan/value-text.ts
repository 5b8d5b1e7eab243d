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

type Pair = { readonly from: string; readonly to: string };

/** Two differing values, each in one line, the difference in sight. */
export function differingTexts(before: JsonValue, after: JsonValue): Pair {
  const texts = typeof before === 'string' && typeof after === 'string';
  if (texts && (before.includes('\n') || after.includes('\n'))) return differingLines(before, after);
  if (texts && before.length > CHARACTERS_MAX) return window(before, after);
  return window(flowText(before), flowText(after));
}

/** What of two lines is shown: from a little before the first character that differs. */
function window(from: string, to: string): Pair {
  const same = commonStart(from, to);
  if (Math.max(from.length, to.length) <= CHARACTERS_MAX || same <= LEAD_CHARACTERS)
    return { from: cut(from), to: cut(to) };
  const start = same - LEAD_CHARACTERS;
  return { from: cut(`…${from.slice(start)}`), to: cut(`…${to.slice(start)}`) };
}

/** `line 3 "x" and 2 more lines`: what of each text is neither in the common start nor in the common end. */
function differingLines(before: string, after: string): Pair {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const start = commonStart(old, now);
  const end = commonStart(old.slice(start).reverse(), now.slice(start).reverse());
  const [gone, come] = [old.slice(start, old.length - end), now.slice(start, now.length - end)];
  const first = window(JSON.stringify(gone[0] ?? ''), JSON.stringify(come[0] ?? ''));
  const text = (lines: readonly string[], line: string): string => {
    if (lines.length === 0) return 'nothing there';
    const more =
      lines.length === 1 ? '' : ` and ${lines.length - 1} more line${lines.length === 2 ? '' : 's'}`;
    return `line ${start + 1} ${line}${more}`;
  };
  return { from: text(gone, first.from), to: text(come, first.to) };
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
