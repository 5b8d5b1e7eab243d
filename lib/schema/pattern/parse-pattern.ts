import { limits } from '../../base/limits.ts';
import { not } from './character-sets.ts';
import { type Assertion, type CharacterTest, PatternError, type PatternNode } from './pattern-node.ts';
import { PatternReader } from './pattern-reader.ts';

const NEWLINE = 10;

/**
 * Reads a regular expression of Go's syntax (RE2): no references back and no looking around, so that every one of them can be matched
 * in linear time. @throws PatternError
 */
export function parsePattern(text: string): PatternNode {
  if (text.length > limits.patternCharsMax)
    throw new PatternError('error parsing regexp: expression too large');
  return new Parser(text).whole();
}

class Parser {
  private readonly reader: PatternReader;
  private depth = 0;

  constructor(text: string) {
    this.reader = new PatternReader(text);
  }

  whole(): PatternNode {
    const node = this.choice();
    if (!this.reader.atEnd()) throw this.reader.error('unexpected )', this.reader.text);
    return node;
  }

  private choice(): PatternNode {
    this.depth += 1;
    if (this.depth > limits.patternDepthMax) throw this.reader.error('expression nests too deeply', '');
    const flags = { ...this.reader.flags };
    const branches = [this.sequence()];
    while (this.reader.take('|')) branches.push(this.sequence());
    this.reader.flags = flags;
    this.depth -= 1;
    const [only] = branches;
    return branches.length === 1 && only !== undefined ? only : { op: 'choice', of: branches };
  }

  private sequence(): PatternNode {
    const parts: PatternNode[] = [];
    while (!this.reader.atEnd() && !this.reader.sees('|') && !this.reader.sees(')')) {
      const part = this.atom();
      if (part !== null) parts.push(this.repeated(part));
    }
    return { op: 'sequence', of: parts };
  }

  /** null: flags only. */
  private atom(): PatternNode | null {
    const { reader } = this;
    if (reader.take('(')) return this.group();
    if (reader.take('^')) return assert(reader.flags.multiline ? 'line-start' : 'text-start');
    if (reader.take('$')) return assert(reader.flags.multiline ? 'line-end' : 'text-end');
    if (reader.take('.')) return character(reader.flags.dotAll ? () => true : not((at) => at === NEWLINE));
    if (reader.take('[')) return character(reader.cased(reader.bracket()));
    if (reader.take('\\')) return this.escape();
    const sign = ['*', '+', '?'].find((each) => reader.sees(each));
    if (sign !== undefined) throw reader.error('missing argument to repetition operator', sign);
    const literal = reader.next();
    return character(reader.cased((at) => at === literal));
  }

  private group(): PatternNode | null {
    const { reader } = this;
    const before = { ...reader.flags };
    const kind = reader.groupStart();
    if (kind === 'flags') return null;
    const inside = this.choice();
    if (!reader.take(')')) throw reader.error('missing closing )', reader.text);
    reader.flags = before;
    return inside;
  }

  private escape(): PatternNode {
    const { reader } = this;
    if (reader.take('A')) return assert('text-start');
    if (reader.take('z')) return assert('text-end');
    if (reader.take('b')) return assert('word-edge');
    if (reader.take('B')) return assert('no-word-edge');
    if (reader.take('Q')) {
      const literals = reader.quoted().map((literal) => character(reader.cased((at) => at === literal)));
      return { op: 'sequence', of: literals };
    }
    return character(reader.cased(reader.escapedSet() ?? equal(reader.escapedCharacter())));
  }

  private repeated(of: PatternNode): PatternNode {
    const { reader } = this;
    const times = reader.repetition();
    if (times === null) return of;
    const node: PatternNode = { op: 'repeat', of, ...times };
    // `a**` and the like are refused; `a*?` is only lazy.
    const again = reader.repetition();
    if (again !== null) throw reader.error('invalid nested repetition operator', reader.lastRepetition);
    return node;
  }
}

function assert(assertion: Assertion): PatternNode {
  return { op: 'assert', assertion };
}

function character(test: CharacterTest): PatternNode {
  return { op: 'character', test };
}

function equal(literal: number): CharacterTest {
  return (at) => at === literal;
}
