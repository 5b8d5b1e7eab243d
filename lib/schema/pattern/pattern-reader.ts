import { anyOf, ignoringCase, not, perlSets, posixSets, range, unicodeSet } from './character-sets.ts';
import { type CharacterTest, PatternError } from './pattern-node.ts';

export type PatternFlags = {
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
};

/** Source: RE2, which refuses larger ones. */
const REPEATS_MAX = 1_000;
const NAMED = new Map([
  ['a', 7],
  ['f', 12],
  ['t', 9],
  ['n', 10],
  ['r', 13],
  ['v', 11],
]);

/** Reads the words of a regular expression, one after the other. */
export class PatternReader {
  readonly text: string;
  flags: PatternFlags = { ignoreCase: false, multiline: false, dotAll: false };
  lastRepetition = '';
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  error(what: string, where: string): PatternError {
    const shown = where === '' ? '' : `: \`${where.slice(0, 100)}\``;
    return new PatternError(`error parsing regexp: ${what}${shown}`);
  }

  atEnd(): boolean {
    return this.at >= this.text.length;
  }

  sees(word: string): boolean {
    return this.text.startsWith(word, this.at);
  }

  take(word: string): boolean {
    if (!this.sees(word)) return false;
    this.at += word.length;
    return true;
  }

  next(): number {
    const found = this.text.codePointAt(this.at);
    if (found === undefined) throw this.error('trailing backslash at end of expression', '');
    this.at += found > 0xffff ? 2 : 1;
    return found;
  }

  cased(test: CharacterTest): CharacterTest {
    return this.flags.ignoreCase ? ignoringCase(test) : test;
  }

  /** After `(`. `flags`: it was no group, only `(?i)`. */
  groupStart(): 'group' | 'flags' {
    if (!this.take('?')) return 'group';
    const named = this.match(/P?<([A-Za-z_]\w{0,63})>/y);
    if (named !== null) return 'group';
    const [written = '', on = '', off = '', end] = this.match(/([imsU]*)(?:-([imsU]+))?([:)])/y) ?? [];
    if (end === undefined)
      throw this.error('invalid or unsupported Perl syntax', `(?${this.text.slice(this.at, this.at + 1)}`);
    if (written === ')') throw this.error('missing argument to repetition operator', '?');
    const flag = (name: string, now: boolean): boolean =>
      off.includes(name) ? false : on.includes(name) || now;
    this.flags = {
      ignoreCase: flag('i', this.flags.ignoreCase),
      multiline: flag('m', this.flags.multiline),
      dotAll: flag('s', this.flags.dotAll),
    };
    return end === ')' ? 'flags' : 'group';
  }

  /** `*`, `+?`, `{2,3}`…; null: nothing is repeated. */
  repetition(): { readonly min: number; readonly max: number | null } | null {
    const from = this.at;
    const found = this.match(/(?:([*+?])|\{(\d{1,9})(,(\d{1,9})?)?\})\??/y);
    if (found === null) return null;
    this.lastRepetition = this.text.slice(from, this.at);
    const [, sign, least = '', more, most] = found;
    if (sign !== undefined) return { min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : null };
    const min = Number(least);
    const max = more === undefined ? min : most === undefined ? null : Number(most);
    if (min > REPEATS_MAX || (max ?? 0) > REPEATS_MAX || (max !== null && max < min))
      throw this.error('invalid repeat count', this.lastRepetition);
    return { min, max };
  }

  /** After `\Q`: up to `\E`, or the end. */
  quoted(): readonly number[] {
    const end = this.text.indexOf('\\E', this.at);
    const literal = this.text.slice(this.at, end < 0 ? undefined : end);
    this.at = end < 0 ? this.text.length : end + 2;
    return [...literal].map((each) => each.codePointAt(0) ?? 0);
  }

  /** After a backslash: `\d`, `\pL`; null: it is one character. */
  escapedSet(): CharacterTest | null {
    const perl = this.match(/[dswDSW]/y);
    if (perl !== null) return perlSets.get(perl[0]) ?? null;
    const unicode = this.match(/([pP])(?:\{(\^?)([^}]*)\}|(.))/uy);
    if (unicode === null) return null;
    const [written, letter, hat = '', long, short] = unicode;
    const test = unicodeSet(long ?? short ?? '', `\\${written}`);
    return (letter === 'P') !== (hat === '^') ? not(test) : test;
  }

  /** After a backslash: the character it stands for. */
  escapedCharacter(): number {
    const hex = this.match(/x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/y);
    if (hex !== null) return Number.parseInt(hex[1] ?? hex[2] ?? '', 16);
    const octal = this.match(/0[0-7]{0,2}|[1-7][0-7]{1,2}/y);
    if (octal !== null) return Number.parseInt(octal[0], 8);
    const from = this.at;
    const found = this.next();
    const text = this.text.slice(from, this.at);
    const named = NAMED.get(text);
    if (named !== undefined) return named;
    if (found < 128 && !/[A-Za-z0-9]/.test(text)) return found;
    throw this.error('invalid escape sequence', `\\${text}`);
  }

  /** After `[`, up to and with `]`. */
  bracket(): CharacterTest {
    const from = this.at - 1;
    const missing = (): PatternError => this.error('missing closing ]', this.text.slice(from));
    const negated = this.take('^');
    const tests: CharacterTest[] = [];
    for (let first = true; first || !this.sees(']'); first = false) {
      if (this.atEnd()) throw missing();
      tests.push(this.bracketPart(missing));
    }
    this.take(']');
    return negated ? not(anyOf(tests)) : anyOf(tests);
  }

  private bracketPart(missing: () => PatternError): CharacterTest {
    const posix = this.match(/\[:(\^?)(\w{1,10}):\]/y);
    if (posix !== null) {
      const test = posixSets.get(posix[2] ?? '');
      if (test === undefined) throw this.error('invalid character class range', posix[0]);
      return posix[1] === '^' ? not(test) : test;
    }
    const start = this.at;
    const escaped = this.take('\\');
    const set = escaped ? this.escapedSet() : null;
    if (set !== null) return set;
    const low = escaped ? this.escapedCharacter() : this.next();
    if (!this.sees('-') || this.text[this.at + 1] === ']') return range(low, low);
    this.take('-');
    if (this.atEnd()) throw missing();
    const high = this.take('\\') ? this.escapedCharacter() : this.next();
    if (high < low) throw this.error('invalid character class range', this.text.slice(start, this.at));
    return range(low, high);
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found !== null) this.at += found[0].length;
    return found;
  }
}
