/** Names longer than this are nobody's typing error, and would cost time. */
const NAME_CHARS_MAX = 64;

/** Edits (insert, delete, replace, swap of neighbours) that lead from one text to the other. */
export function editDistance(pair: { readonly from: string; readonly to: string }): number {
  const { from, to } = pair;
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let row = 1; row <= from.length; row += 1) {
    const line = [row];
    for (let at = 1; at <= to.length; at += 1) {
      const same = from[row - 1] === to[at - 1];
      let cost = Math.min((last[at] ?? 0) + 1, (line[at - 1] ?? 0) + 1, (last[at - 1] ?? 0) + (same ? 0 : 1));
      const swapped = row > 1 && at > 1 && from[row - 1] === to[at - 2] && from[row - 2] === to[at - 1];
      if (swapped) cost = Math.min(cost, (before[at - 2] ?? 0) + 1);
      line.push(cost);
    }
    before = last;
    last = line;
  }
  return last[to.length] ?? 0;
}

/**
 * The candidate `name` was probably meant to be; undefined when none is near enough. Another case or plural is nearest;
 * else at most one edit in three characters. Ties go to the earlier candidate.
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length === 0 || name.length > NAME_CHARS_MAX) return undefined;
  const folded = name.toLowerCase().replaceAll(/[-_\s]/g, '');
  const editsMax = Math.max(1, Math.floor(folded.length / 3));
  let best: string | undefined;
  let fewest = editsMax + 1;
  for (const candidate of candidates) {
    if (candidate === name || Math.abs(candidate.length - name.length) > editsMax + 2) continue;
    const edits = editDistance({ from: folded, to: candidate.toLowerCase() });
    if (edits < fewest) {
      fewest = edits;
      best = candidate;
    }
  }
  return best;
}
