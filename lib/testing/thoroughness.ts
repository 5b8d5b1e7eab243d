/**
 * What is tried over and over is tried less often in `npm run check`, which is for while one works; `npm test` and `.ci/run` do all of
 * it. Nothing is left out altogether.
 */
const quick = process.env.PINTLE_TESTS === 'quick';

/** How often something random is tried: as often as said; in a quick run a fifth of that, and five times at least. */
export function tries(full: number): number {
  return quick ? Math.min(full, Math.max(5, Math.ceil(full / 5))) : full;
}

/** All of what is much alike; in a quick run so many of them, spread evenly, the first one always. */
export function spread<T>(all: readonly T[], quickMax: number): readonly T[] {
  if (!quick || all.length <= quickMax) return all;
  return Array.from({ length: quickMax }, (_, at) => all[Math.floor((at * all.length) / quickMax)]).filter(
    (each) => each !== undefined,
  );
}

/** The step of a loop over points that are much alike: one; in a quick run as said. */
export function stride(quickStep: number): number {
  return quick ? quickStep : 1;
}

/** How many seeds of random histories are played: PINTLE_SEEDS (`npm run check -- --seeds 5000`), else as many as tries of anything random. */
export function seeds(full: number): number {
  return wholeNumber(process.env.PINTLE_SEEDS) ?? tries(full);
}

/** The first of them: PINTLE_FIRST_SEED, else 0. */
export function firstSeed(): number {
  return wholeNumber(process.env.PINTLE_FIRST_SEED) ?? 0;
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^[0-9]{1,9}$/.test(text) ? Number(text) : null;
}
