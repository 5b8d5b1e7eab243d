import { fieldPathText } from '../schema/finding.ts';
import { refText } from '../schema/object.ts';
import type { Problem } from './manifest-set.ts';

export type TextStyle = { readonly colour: boolean };

const codes = { error: 31, warning: 33, place: 34, hint: 36, bold: 1 } as const;

function paint(text: string, code: keyof typeof codes, { colour }: TextStyle): string {
  return colour ? `\u001B[${codes[code]}m${text}\u001B[0m` : text;
}

/**
 * A problem for people, its lines ending in newlines:
 *
 *     error[unknown-field]: spec.replcas is no field of DeploymentSpec.
 *       --> web.yaml:7:3 (Deployment shop/web)
 *        |
 *      7 |   replcas: 3
 *        |   ^^^^^^^ write replicas
 */
export function problemText(problem: Problem, style: TextStyle): string {
  const { severity, ruleId, position, ref } = problem;
  const head = paint(`${severity}[${ruleId}]`, severity, style);
  const about = ref === undefined ? '' : ` (${printable(refText(ref))})`;
  const place = paint(`${printable(problem.file)}:${position.line}:${position.column}`, 'place', style);
  const lines = [`${head}: ${printable(problem.message)}`, `  --> ${place}${about}`];
  const hint = hintOf(problem);
  const excerpt = excerptLines(problem, style, hint);
  if (excerpt === null) lines.push(...(hint === '' ? [] : [`   = ${paint(hint, 'hint', style)}`]));
  else lines.push(...excerpt);
  return `${lines.join('\n')}\n`;
}

/** A parser advises in sentences; other rules say what to write in the place of what stands there. */
function hintOf({ ruleId, suggestion }: Problem): string {
  if (suggestion === undefined) return '';
  return ruleId.endsWith('-syntax') ? printable(suggestion) : `write ${printable(suggestion)}`;
}

/** On one line, for logs and annotations. */
export function problemLine(problem: Problem): string {
  const { file, position, severity, ruleId } = problem;
  const where = problem.path.length === 0 ? '' : ` [${fieldPathText(problem.path)}]`;
  return printable(
    `${file}:${position.line}:${position.column}: ${severity} ${ruleId}: ${problem.message}${where}`,
  );
}

function excerptLines(problem: Problem, style: TextStyle, hint: string): readonly string[] | null {
  const { sourceLine, position, end } = problem;
  if (sourceLine === undefined || sourceLine.trim() === '') return null;
  const number = String(position.line);
  const gutter = ' '.repeat(number.length + 1);
  const bar = paint('|', 'place', style);
  const lines = [`${gutter} ${bar}`, ` ${paint(number, 'place', style)} ${bar} ${printable(sourceLine)}`];
  const from = position.column - 1;
  if (from >= sourceLine.length)
    return hint === '' ? lines : [...lines, `${gutter} = ${paint(hint, 'hint', style)}`];
  const to = Math.max(from + 1, Math.min(end === undefined ? from + 1 : end.column - 1, sourceLine.length));
  const indent = ' '.repeat(displayWidth(sourceLine.slice(0, from)));
  const carets = paint(
    '^'.repeat(Math.max(1, displayWidth(sourceLine.slice(from, to)))),
    problem.severity,
    style,
  );
  const note = hint === '' ? '' : ` ${paint(hint, 'hint', style)}`;
  return [...lines, `${gutter} ${bar} ${indent}${carets}${note}`];
}

/** What terminals act on instead of showing it, and what turns the direction of text around. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: replacing them is the point.
const CONTROL = /[\u0000-\u001F\u007F-\u009F\u200E\u200F\u2028-\u202E\u2066-\u2069]/g;

/** Text of others made safe to print: tabs become spaces, other control characters a mark. */
export function printable(text: string): string {
  return text.replace(CONTROL, (character) => (character === '\t' || character === '\n' ? ' ' : '\uFFFD'));
}

const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]/;

/** Columns a text takes on a terminal, near enough to point at something in it. */
function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (/\p{Mark}/u.test(character)) continue;
    width += WIDE.test(character) || code >= 0x1f300 ? 2 : 1;
  }
  return width;
}
