/** Whether one character (a code point) is of a set. */
export type CharacterTest = (character: number) => boolean;

export const assertions = [
  'text-start',
  'text-end',
  'line-start',
  'line-end',
  'word-edge',
  'no-word-edge',
] as const;
export type Assertion = (typeof assertions)[number];

/** A regular expression, read. Whether it is greedy does not matter: it is only asked if it matches at all. */
export type PatternNode =
  | { readonly op: 'character'; readonly test: CharacterTest }
  | { readonly op: 'assert'; readonly assertion: Assertion }
  | { readonly op: 'sequence' | 'choice'; readonly of: readonly PatternNode[] }
  | { readonly op: 'repeat'; readonly of: PatternNode; readonly min: number; readonly max: number | null };

/** Why a text is no regular expression, as Go's regexp says it. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

export function isWordCharacter(character: number): boolean {
  return (
    (character >= 48 && character <= 57) ||
    (character >= 65 && character <= 90) ||
    (character >= 97 && character <= 122) ||
    character === 95
  );
}
