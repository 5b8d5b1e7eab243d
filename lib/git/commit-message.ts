import { assert } from '../base/errors.ts';

export type Trailer = { readonly key: string; readonly value: string };

const KEY = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;
const LINE = /^([A-Za-z][A-Za-z0-9-]{0,63}): ?(.*)$/;
const SUBJECT_LENGTH_MAX = 200;
const VALUE_LENGTH_MAX = 1000;
const MESSAGE_LENGTH_READ = 10_000;

/**
 * A commit message: subject, body, and trailers as its last paragraph. Whatever a manifest or a person put
 * into subject, body or value stays there: none of it can become a trailer, or end one.
 */
export function commitMessage(input: {
  readonly subject: string;
  readonly body?: string;
  readonly trailers?: readonly Trailer[];
}): string {
  const trailers = input.trailers ?? [];
  assert(
    trailers.every((trailer) => KEY.test(trailer.key)),
    'the keys of trailers are written by us',
  );
  const body = plainBody(input.body ?? '');
  const lines = trailers.map((trailer) => `${trailer.key}: ${oneLine(trailer.value, VALUE_LENGTH_MAX)}`);
  const guarded = lines.length === 0 ? withoutTrailers(body) : body;
  const parts = [oneLine(input.subject, SUBJECT_LENGTH_MAX) || '(no subject)', guarded, lines.join('\n')];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** The first line of anybody's message, as one line of text of bounded length. */
export function subjectOf(message: string): string {
  return oneLine(message.slice(0, MESSAGE_LENGTH_READ).split('\n', 1)[0] ?? '', SUBJECT_LENGTH_MAX);
}

/**
 * The trailers of a message: the lines of its last paragraph, if all of them are trailers (or continue one)
 * and it is not the first paragraph.
 */
export function parseTrailers(message: string): readonly Trailer[] {
  const paragraphs = message
    .replaceAll('\r\n', '\n')
    .trimEnd()
    .split(/\n[ \t]*\n/);
  const last = paragraphs.length < 2 ? undefined : paragraphs.at(-1);
  const trailers: { key: string; value: string }[] = [];
  for (const line of last?.replace(/^\n+/, '').split('\n') ?? []) {
    const match = LINE.exec(line);
    const open = trailers.at(-1);
    if (match !== null) trailers.push({ key: match[1] ?? '', value: (match[2] ?? '').trim() });
    else if (open !== undefined && /^[ \t]+\S/.test(line)) open.value += ` ${line.trim()}`;
    else return [];
  }
  return trailers;
}

/** The first value of a trailer; keys match in any case, as in git. */
export function trailerOf(message: string, key: string): string | null {
  const wanted = key.toLowerCase();
  return parseTrailers(message).find((trailer) => trailer.key.toLowerCase() === wanted)?.value ?? null;
}

function oneLine(text: string, lengthMax: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes.
  const line = text.replace(/[\x00-\x20\x7f\x85\u2028\u2029]+/g, ' ').trim();
  return line.length > lengthMax ? `${line.slice(0, lengthMax - 1)}…` : line;
}

function plainBody(body: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes.
  const plain = body.replace(/\r\n?/g, '\n').replace(/[\x00-\x08\x0b-\x1f\x7f]/g, ' ');
  return plain.replace(/^\s*\n/, '').trimEnd();
}

/** Indents a last paragraph that would read as trailers. */
function withoutTrailers(body: string): string {
  if (parseTrailers(`subject\n\n${body}\n`).length === 0) return body;
  const lines = body.split('\n');
  const blank = lines.findLastIndex((line) => line.trim() === '');
  return lines.map((line, at) => (at > blank ? `    ${line}` : line)).join('\n');
}
