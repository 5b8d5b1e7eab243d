import { limits } from '../../base/limits.ts';
import { parsePattern } from './parse-pattern.ts';
import {
  type Assertion,
  type CharacterTest,
  isWordCharacter,
  PatternError,
  type PatternNode,
} from './pattern-node.ts';

type Step =
  | { readonly op: 'character'; readonly test: CharacterTest; readonly next: number }
  | { readonly op: 'assert'; readonly assertion: Assertion; readonly next: number }
  | { readonly op: 'fork'; readonly next: readonly number[] }
  | { readonly op: 'match' };

/** A regular expression that no text makes slow: the time is the length of the text times that of the pattern, at most. */
export type LinearPattern = {
  /** Whether it matches anywhere in the text. null: the text is too long for the pattern to be looked for. */
  matches(text: string): boolean | null;
};

/** Reads a regular expression of Go's syntax. @throws PatternError */
export function linearPattern(text: string): LinearPattern {
  const steps = stepsOf(parsePattern(text));
  return { matches: (value) => run(steps, value) };
}

function stepsOf(node: PatternNode): readonly Step[] {
  const steps: Step[] = [];
  const add = (step: Step): number => {
    if (steps.length >= limits.patternStepsMax)
      throw new PatternError('error parsing regexp: expression too large');
    return steps.push(step) - 1;
  };
  /** Builds backwards: where a node begins, given where it goes on. */
  const build = (of: PatternNode, next: number): number => {
    switch (of.op) {
      case 'character':
        return add({ op: 'character', test: of.test, next });
      case 'assert':
        return add({ op: 'assert', assertion: of.assertion, next });
      case 'sequence':
        return of.of.reduceRight((after, part) => build(part, after), next);
      case 'choice':
        return add({ op: 'fork', next: of.of.map((part) => build(part, next)) });
      case 'repeat': {
        let after = next;
        if (of.max === null) {
          const again = add({ op: 'fork', next: [] });
          steps[again] = { op: 'fork', next: [build(of.of, again), next] };
          after = again;
        } else {
          for (let times = of.min; times < of.max; times += 1)
            after = add({ op: 'fork', next: [build(of.of, after), next] });
        }
        for (let times = 0; times < of.min; times += 1) after = build(of.of, after);
        return after;
      }
    }
  };
  const start = build(node, add({ op: 'match' }));
  // The first step to run is the last one.
  add({ op: 'fork', next: [start] });
  return steps;
}

/** All ways through the pattern at once, character by character. */
function run(steps: readonly Step[], text: string): boolean | null {
  const characters = Array.from(text, (each) => each.codePointAt(0) ?? 0);
  if (characters.length * steps.length > limits.patternWorkMax) return null;
  const start = steps.length - 1;
  const seen = new Int32Array(steps.length).fill(-1);
  let open: number[] = [];
  for (let at = 0; at <= characters.length; at += 1) {
    const found = reached({ steps, characters, at, seen }, [...open, start]);
    if (found === null) return true;
    open = [];
    const character = characters[at];
    if (character === undefined) return false;
    for (const index of found) {
      const step = steps[index];
      if (step?.op === 'character' && step.test(character)) open.push(step.next);
    }
  }
  return false;
}

type Moment = {
  readonly steps: readonly Step[];
  readonly characters: readonly number[];
  readonly at: number;
  /** When each step was last reached. */
  readonly seen: Int32Array;
};

/** The steps that take a character, reached without taking one; null: the end of the pattern is reached. */
function reached({ steps, characters, at, seen }: Moment, from: number[]): readonly number[] | null {
  const found: number[] = [];
  for (let index = from.pop(); index !== undefined; index = from.pop()) {
    if (seen[index] === at) continue;
    seen[index] = at;
    const step = steps[index];
    if (step === undefined) continue;
    if (step.op === 'match') return null;
    if (step.op === 'character') found.push(index);
    else if (step.op === 'fork') from.push(...step.next);
    else if (holds(step.assertion, characters, at)) from.push(step.next);
  }
  return found;
}

const NEWLINE = 10;

function holds(assertion: Assertion, characters: readonly number[], at: number): boolean {
  const before = characters[at - 1];
  const after = characters[at];
  const edge =
    (before !== undefined && isWordCharacter(before)) !== (after !== undefined && isWordCharacter(after));
  switch (assertion) {
    case 'text-start':
      return before === undefined;
    case 'text-end':
      return after === undefined;
    case 'line-start':
      return before === undefined || before === NEWLINE;
    case 'line-end':
      return after === undefined || after === NEWLINE;
    case 'word-edge':
      return edge;
    case 'no-word-edge':
      return !edge;
  }
}
