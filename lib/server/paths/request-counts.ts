/** Answered requests, by what they were: for `/metrics`. Labels come from what is served, so there is an end to them. */
export type RequestCounts = {
  add(of: { readonly verb: string; readonly resource: string; readonly code: number }): void;
  /** Sorted, each label set once. */
  rows(): readonly { readonly labels: string; readonly count: number }[];
};

/** `seriesMax`: label sets kept apart; the rest is counted as one. */
export function requestCounts(seriesMax: number): RequestCounts {
  const counts = new Map<string, number>();
  const other = 'code="",resource="",verb="other"';
  return {
    add({ verb, resource, code }) {
      const labels = `code="${code}",resource="${resource}",verb="${verb}"`;
      const known = counts.has(labels) || counts.size < seriesMax ? labels : other;
      counts.set(known, (counts.get(known) ?? 0) + 1);
    },
    rows: () =>
      [...counts]
        .map(([labels, count]) => ({ labels, count }))
        .sort((a, b) => (a.labels < b.labels ? -1 : 1)),
  };
}
