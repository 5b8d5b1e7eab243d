import type { Filter, Refusal } from './filter.ts';

const COMMON: ReadonlySet<string> = new Set(['cpu', 'memory', 'pods']);

/**
 * Every resource that is short is told. A resource the node does not have is one it has none of. What even the empty node lacks is final.
 */
export const nodeResourcesFit: Filter = {
  name: 'NodeResourcesFit',
  prepare({ requests }) {
    const cpu = requests.get('cpu') ?? 0;
    const memory = requests.get('memory') ?? 0;
    const others = [...requests].filter(([name, amount]) => amount > 0 && !COMMON.has(name));
    const oneOf = refusalOfReasons();
    return {
      test(load) {
        const { node, freePods, freeCpu, freeMemory } = load;
        const lacksPods = freePods < 1;
        // What is not asked for may be short.
        const lacksCpu = cpu > 0 && freeCpu < cpu;
        const lacksMemory = memory > 0 && freeMemory < memory;
        const short = others.filter(
          ([name, amount]) => amount + (load.requested.get(name) ?? 0) > (node.allocatable.get(name) ?? 0),
        );
        if (!lacksPods && !lacksCpu && !lacksMemory && short.length === 0) return null;
        const reasons = [
          ...(lacksPods ? ['Too many pods'] : []),
          ...(lacksCpu ? ['Insufficient cpu'] : []),
          ...(lacksMemory ? ['Insufficient memory'] : []),
          ...short.map(([name]) => `Insufficient ${name}`),
        ];
        const isFinal =
          (lacksCpu && cpu > node.cpu) ||
          (lacksMemory && memory > node.memory) ||
          short.some(([name, amount]) => amount > (node.allocatable.get(name) ?? 0));
        return oneOf(reasons, isFinal);
      },
    };
  },
};

/** Thousands of nodes refuse a pod for the same reasons: one refusal for all of them. */
function refusalOfReasons() {
  const made = new Map<string, Refusal>();
  return (reasons: readonly string[], isFinal: boolean): Refusal => {
    const key = `${isFinal} ${reasons.join()}`;
    const before = made.get(key);
    if (before !== undefined) return before;
    const refusal: Refusal = { filter: 'NodeResourcesFit', reasons, isFinal };
    made.set(key, refusal);
    return refusal;
  };
}
