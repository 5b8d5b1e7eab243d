/** How many pods there are in each domain, a value of a node label, with the lowest of them at hand. */
export type DomainCounts = {
  /** The domain is there, with no pods so far. */
  addDomain(value: string): void;
  add(value: string, by: 1 | -1): void;
  of(value: string): number;
  readonly total: number;
  readonly domains: number;
  /** Of all domains; Infinity where there is none. */
  lowest(): number;
};

export function domainCounts(): DomainCounts {
  const counts = new Map<string, number>();
  /** How many domains have so many pods. */
  const domainsWith = new Map<number, number>();
  let total = 0;
  let lowest = 0;
  const shift = (count: number, by: 1 | -1): void => {
    domainsWith.set(count, (domainsWith.get(count) ?? 0) + by);
  };
  const addDomain = (value: string): void => {
    if (counts.has(value)) return;
    counts.set(value, 0);
    shift(0, 1);
    lowest = 0;
  };
  return {
    addDomain,
    add(value, by) {
      addDomain(value);
      const before = counts.get(value) ?? 0;
      counts.set(value, before + by);
      shift(before, -1);
      shift(before + by, 1);
      total += by;
      lowest = Math.min(lowest, before + by);
    },
    of: (value) => counts.get(value) ?? 0,
    get total() {
      return total;
    },
    get domains() {
      return counts.size;
    },
    lowest() {
      if (counts.size === 0) return Number.POSITIVE_INFINITY;
      while ((domainsWith.get(lowest) ?? 0) === 0) lowest += 1;
      return lowest;
    },
  };
}
