import type { DurationMs, EpochMs } from '../../base/clock.ts';

/** One look at a counter. */
export type Look = { readonly atMs: EpochMs; readonly value: number };
export type Rate = { readonly perSecond: number; readonly windowMs: DurationMs };

/**
 * How fast a counter grew over these looks, oldest first; null: fewer than two. Where it is less than before its program began
 * anew: what it has counted since then is all that is known.
 */
export function rateOf(looks: readonly Look[]): Rate | null {
  const [first] = looks;
  const last = looks.at(-1);
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return null;
  let grown = 0;
  let before = first.value;
  for (const { value } of looks.slice(1)) {
    grown += value < before ? value : value - before;
    before = value;
  }
  const windowMs = last.atMs - first.atMs;
  return { perSecond: grown / (windowMs / 1000), windowMs };
}
