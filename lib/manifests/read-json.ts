import { limits } from '../base/limits.ts';
import { duplicateKey, type ParseProblem, type TextRule } from './parse-problem.ts';
import type { SourceEntry, SourceNode, Span } from './source-node.ts';

export type JsonResult = {
  readonly documents: readonly SourceNode[];
  readonly problems: readonly ParseProblem[];
};

/** Thrown and caught in this file only. */
class JsonError extends Error {
  readonly ruleId: TextRule;
  readonly at: number;
  constructor(ruleId: TextRule, at: number, message: string) {
    super(message);
    this.ruleId = ruleId;
    this.at = at;
  }
}

/**
 * Reads strict JSON with the place of every value. Several documents may follow one another, as kubectl accepts them.
 * Reading stops at the first syntax error; the documents before it stand.
 */
export function readJson(text: string): JsonResult {
  const reader = new JsonReader(text);
  const documents: SourceNode[] = [];
  try {
    for (reader.skipSpace(); !reader.atEnd(); reader.skipSpace()) {
      documents.push(reader.value(documents.length, 0));
    }
    return { documents, problems: reader.problems };
  } catch (thrown) {
    if (!(thrown instanceof JsonError)) throw thrown;
    const span = { start: thrown.at, end: thrown.at + 1 };
    const { ruleId, message } = thrown;
    const broken = { ruleId, message, span, document: documents.length, unparsed: true };
    const sound = reader.problems.filter((problem) => problem.document !== documents.length);
    return { documents, problems: [...sound, broken] };
  }
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
const words = [
  ['true', true],
  ['false', false],
  ['null', null],
] as const;

class JsonReader {
  readonly problems: ParseProblem[] = [];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.#at += 1;
    }
  }

  value(document: number, depth: number): SourceNode {
    if (depth > limits.manifestDepthMax) {
      throw new JsonError('too-deep', this.#at, `Nested deeper than ${limits.manifestDepthMax} levels.`);
    }
    this.skipSpace();
    const start = this.#at;
    const first = this.#text[start];
    if (first === '{')
      return { kind: 'mapping', entries: this.#members(document, depth), span: this.#span(start) };
    if (first === '[')
      return { kind: 'sequence', items: this.#items(document, depth), span: this.#span(start) };
    if (first === '"') return { kind: 'scalar', value: this.#string(), span: this.#span(start) };
    for (const [word, value] of words) {
      if (!this.#text.startsWith(word, start)) continue;
      this.#at += word.length;
      return { kind: 'scalar', value, span: this.#span(start) };
    }
    return { kind: 'scalar', value: this.#number(document), span: this.#span(start) };
  }

  #span(start: number): Span {
    return { start, end: this.#at };
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return null;
    this.#at = pattern.lastIndex;
    return match[0];
  }

  #expect(character: string, what: string): void {
    this.skipSpace();
    if (this.#text[this.#at] !== character) throw this.#unexpected(what);
    this.#at += 1;
  }

  #unexpected(what: string): JsonError {
    const found = this.atEnd() ? 'the file ends here' : `found ${JSON.stringify(this.#text[this.#at])}`;
    return new JsonError('json-syntax', this.#at, `Expected ${what}, but ${found}.`);
  }

  #string(): string {
    const start = this.#at;
    let end = start;
    do {
      end = this.#text.indexOf('"', end + 1);
      if (end < 0) throw new JsonError('json-syntax', start, 'This string does not end.');
    } while (this.#escaped(end));
    this.#at = end + 1;
    try {
      return String(JSON.parse(this.#text.slice(start, end + 1)));
    } catch {
      throw new JsonError(
        'json-syntax',
        start,
        'This string holds a line break or an escape that JSON does not know.',
      );
    }
  }

  /** An odd number of backslashes stands before it. */
  #escaped(at: number): boolean {
    let first = at;
    while (this.#text[first - 1] === '\\') first -= 1;
    return (at - first) % 2 === 1;
  }

  #number(document: number): number | null {
    const start = this.#at;
    const written = this.#match(NUMBER);
    if (written === null) throw this.#unexpected('a value');
    const value = Number(written);
    const whole = !/[.eE]/.test(written);
    if (Number.isFinite(value) && (!whole || Number.isSafeInteger(value))) return value === 0 ? 0 : value;
    const message = 'This number is too large to be kept exactly. Where text is meant, put it in quotes.';
    this.problems.push({
      ...{ ruleId: 'integer-too-large', message, document, unparsed: false },
      span: this.#span(start),
    });
    return null;
  }

  #items(document: number, depth: number): readonly SourceNode[] {
    const items: SourceNode[] = [];
    this.#at += 1;
    this.skipSpace();
    if (this.#text[this.#at] === ']') {
      this.#at += 1;
      return items;
    }
    for (;;) {
      items.push(this.value(document, depth + 1));
      this.skipSpace();
      if (this.#text[this.#at] === ',') this.#at += 1;
      else break;
    }
    this.#expect(']', 'a comma or ]');
    return items;
  }

  #members(document: number, depth: number): readonly SourceEntry[] {
    const entries: SourceEntry[] = [];
    const seen = new Map<string, Span>();
    this.#at += 1;
    this.skipSpace();
    if (this.#text[this.#at] === '}') {
      this.#at += 1;
      return entries;
    }
    for (;;) {
      this.skipSpace();
      const start = this.#at;
      if (this.#text[start] !== '"') throw this.#unexpected('a key in double quotes');
      const key = this.#string();
      const keySpan = this.#span(start);
      const earlier = seen.get(key);
      if (earlier !== undefined)
        this.problems.push(duplicateKey({ key, first: earlier, second: keySpan, document }));
      seen.set(key, keySpan);
      this.#expect(':', 'a colon');
      entries.push({ key, keySpan, value: this.value(document, depth + 1) });
      this.skipSpace();
      if (this.#text[this.#at] === ',') this.#at += 1;
      else break;
    }
    this.#expect('}', 'a comma or }');
    return entries;
  }
}
