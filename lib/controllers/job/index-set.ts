/** First and last, both of them in it. */
export type Interval = readonly [first: number, last: number];

/** Completion indexes, as intervals: in order, apart, not touching. A Job of a million completions is one interval. */
export type IndexSet = readonly Interval[];

/**
 * Reads `1,3-5,7`, as a Job's status and its success policy have it; what is outside of 0 … completions-1 is cut off, and what
 * is no interval is left out.
 */
export function parseIndexes(text: string, completions: number): IndexSet {
  const intervals: Interval[] = [];
  for (const part of text.split(',')) {
    const match = /^([0-9]{1,10})(?:-([0-9]{1,10}))?$/.exec(part);
    if (match === null) continue;
    const first = Number(match[1]);
    const last = Math.min(Number(match[2] ?? match[1]), completions - 1);
    if (first <= last) intervals.push([first, last]);
  }
  return joined(intervals);
}

/** Two that follow one another are written `4,5`, three `4-6`. Source: upstream indexed_job_utils.go. */
export function formatIndexes(set: IndexSet): string {
  return set
    .map(([first, last]) => {
      if (first === last) return String(first);
      return `${first}${last === first + 1 ? ',' : '-'}${last}`;
    })
    .join(',');
}

export function indexSet(indexes: readonly number[]): IndexSet {
  return joined(indexes.map((index): Interval => [index, index]));
}

export function union(...sets: readonly IndexSet[]): IndexSet {
  return joined(sets.flat());
}

export function intersection(a: IndexSet, b: IndexSet): IndexSet {
  const both: Interval[] = [];
  let [atA, atB] = [0, 0];
  for (;;) {
    const [one, other] = [a[atA], b[atB]];
    if (one === undefined || other === undefined) return both;
    const first = Math.max(one[0], other[0]);
    const last = Math.min(one[1], other[1]);
    if (first <= last) both.push([first, last]);
    if (one[1] < other[1]) atA += 1;
    else atB += 1;
  }
}

export function hasIndex(set: IndexSet, index: number): boolean {
  let [low, high] = [0, set.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((set[middle]?.[1] ?? 0) < index) low = middle + 1;
    else high = middle;
  }
  const at = set[low];
  return at !== undefined && at[0] <= index;
}

export function countOf(set: IndexSet): number {
  return set.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/** The lowest `count` indexes below `completions` that are not in the set. */
export function firstFree(
  taken: IndexSet,
  wanted: { readonly count: number; readonly completions: number },
): readonly number[] {
  const free: number[] = [];
  let next = 0;
  for (const [first, last] of [...taken, [wanted.completions, wanted.completions] as const]) {
    for (; next < Math.min(first, wanted.completions) && free.length < wanted.count; next += 1)
      free.push(next);
    next = Math.max(next, last + 1);
  }
  return free;
}

function joined(intervals: readonly Interval[]): IndexSet {
  const set: [number, number][] = [];
  for (const [first, last] of [...intervals].sort((a, b) => a[0] - b[0])) {
    const before = set.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else set.push([first, last]);
  }
  return set;
}
