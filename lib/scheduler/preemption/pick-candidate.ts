import { startOf } from './importance.ts';
import type { Candidate } from './victims-on-node.ts';

/** Added to each priority so that fewer victims are a smaller sum though priorities be negative. Source: upstream. */
const OFFSET = 2 ** 31;

/**
 * The node where preemption does the least harm: fewest budgets overdrawn, then the least important most important victim, the smallest
 * sum of priorities, the fewest victims, and those that started last; of equals the first by name. Source: upstream pickOneNodeForPreemption.
 */
export function pickCandidate(candidates: readonly Candidate[]): Candidate | undefined {
  let best: { readonly candidate: Candidate; readonly harm: Harm } | undefined;
  for (const candidate of candidates) {
    const harm = harmOf(candidate);
    if (best === undefined || compare(harm, best.harm) < 0) best = { candidate, harm };
  }
  return best?.candidate;
}

type Harm = {
  readonly numbers: readonly number[];
  /** The earliest start among the most important victims: the later the better. */
  readonly start: string;
  readonly nodeName: string;
};

function harmOf({ nodeName, victims, violations }: Candidate): Harm {
  // They are sorted: the first is the most important, and of those of its priority the one that started first.
  const [first] = victims;
  const sum = victims.reduce((total, { priority }) => total + priority + OFFSET, 0);
  const highest = first?.priority ?? Number.NEGATIVE_INFINITY;
  const start = first === undefined ? '' : startOf(first);
  return { numbers: [violations, highest, sum, victims.length], start, nodeName };
}

function compare(a: Harm, b: Harm): number {
  for (const [at, one] of a.numbers.entries()) {
    const other = b.numbers[at] ?? 0;
    if (one !== other) return one - other;
  }
  if (a.start !== b.start) return a.start > b.start ? -1 : 1;
  return a.nodeName < b.nodeName ? -1 : 1;
}
