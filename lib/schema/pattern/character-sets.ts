import { type CharacterTest, isWordCharacter, PatternError } from './pattern-node.ts';

const between =
  (from: number, to: number): CharacterTest =>
  (character) =>
    character >= from && character <= to;

export const not =
  (test: CharacterTest): CharacterTest =>
  (character) =>
    !test(character);

export const anyOf =
  (tests: readonly CharacterTest[]): CharacterTest =>
  (character) =>
    tests.some((test) => test(character));

const digit = between(48, 57);
const lower = between(97, 122);
const upper = between(65, 90);
const letter = anyOf([lower, upper]);
const space: CharacterTest = (character) => character === 32 || character === 11 || isPerlSpace(character);

function isPerlSpace(character: number): boolean {
  return character === 32 || (character >= 9 && character <= 13 && character !== 11);
}

/** `\d`, `\s`, `\w`: of ASCII only, as in RE2. */
export const perlSets: ReadonlyMap<string, CharacterTest> = new Map([
  ['d', digit],
  ['s', isPerlSpace],
  ['w', isWordCharacter],
  ['D', not(digit)],
  ['S', not(isPerlSpace)],
  ['W', not(isWordCharacter)],
]);

/** `[[:alpha:]]`. */
export const posixSets: ReadonlyMap<string, CharacterTest> = new Map<string, CharacterTest>([
  ['alnum', anyOf([letter, digit])],
  ['alpha', letter],
  ['ascii', between(0, 127)],
  ['blank', (character) => character === 32 || character === 9],
  ['cntrl', anyOf([between(0, 31), between(127, 127)])],
  ['digit', digit],
  ['graph', between(33, 126)],
  ['lower', lower],
  ['print', between(32, 126)],
  ['punct', anyOf([between(33, 47), between(58, 64), between(91, 96), between(123, 126)])],
  ['space', space],
  ['upper', upper],
  ['word', isWordCharacter],
  ['xdigit', anyOf([digit, between(65, 70), between(97, 102)])],
]);

/** `\p{Greek}`, `\pL`. @throws PatternError */
export function unicodeSet(name: string, written: string): CharacterTest {
  const unknown = (): PatternError =>
    new PatternError(`error parsing regexp: invalid character class range: \`${written}\``);
  if (!/^\w{1,40}$/.test(name)) throw unknown();
  for (const property of [name, `Script=${name}`]) {
    try {
      // One character at a time: nothing to go back over.
      const pattern = new RegExp(`^\\p{${property}}$`, 'u');
      return (character) => pattern.test(String.fromCodePoint(character));
    } catch {}
  }
  throw unknown();
}

/** Its other cases are of the set too. */
export function ignoringCase(test: CharacterTest): CharacterTest {
  return (character) => {
    if (test(character)) return true;
    const text = String.fromCodePoint(character);
    return [text.toLowerCase(), text.toUpperCase()].some(
      (other) => other !== text && [...other].length === 1 && test(other.codePointAt(0) ?? -1),
    );
  };
}

export function range(from: number, to: number): CharacterTest {
  return between(from, to);
}
