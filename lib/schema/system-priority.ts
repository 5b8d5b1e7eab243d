/** The classes every cluster has, above all others. Source: scheduling v1 constants (semantics sheet, section 10). */
export const systemClasses: ReadonlyMap<string, number> = new Map([
  ['system-cluster-critical', 2_000_000_000],
  ['system-node-critical', 2_000_001_000],
]);

/** No class of anybody else is above it. */
export const userPriorityMax = 1_000_000_000;
