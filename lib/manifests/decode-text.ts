import type { ParseProblem } from './parse-problem.ts';

export type DecodedText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'problem'; readonly text: string; readonly problem: ParseProblem };

/** What YAML forbids to stand in a stream (its own set, without tab, line feed and carriage return). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point.
const CONTROL = /[\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x84\x86-\x9F\uFFFE\uFFFF]/;

const strict = new TextDecoder('utf-8', { fatal: true });
const lenient = new TextDecoder('utf-8');

/** Bytes → text, without a byte order mark. Other encodings than UTF-8 and control characters are problems. */
export function decodeText(bytes: Uint8Array): DecodedText {
  let text: string;
  try {
    text = strict.decode(bytes);
  } catch {
    // For the place: the first replacement character that the lenient reading puts in.
    const readable = lenient.decode(bytes);
    const at = Math.max(0, readable.indexOf('\uFFFD'));
    const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    const message = utf16
      ? 'The file is UTF-16. Save it as UTF-8.'
      : 'The file is not UTF-8: this byte has no meaning in it.';
    return { kind: 'problem', text: readable, problem: whole('not-utf8', message, at) };
  }
  const control = CONTROL.exec(text);
  if (control === null) return { kind: 'text', text };
  const code = text.charCodeAt(control.index).toString(16).toUpperCase().padStart(4, '0');
  const message = `The control character U+${code} cannot stand in a manifest.`;
  return { kind: 'problem', text, problem: whole('control-character', message, control.index) };
}

function whole(ruleId: 'not-utf8' | 'control-character', message: string, at: number): ParseProblem {
  return { ruleId, message, span: { start: at, end: at + 1 }, document: null, unparsed: true };
}
