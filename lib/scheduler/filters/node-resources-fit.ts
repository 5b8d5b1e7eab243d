import type { Filter } from './filter.ts';

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
    return {
      test(load) {
        const { node } = load;
        let short: string[] | null = null;
        let isFinal = false;
        const lacks = (reason: string): void => {
          short = [...(short ?? []), reason];
        };
        if (load.freePods < 1) lacks('Too many pods');
        // What is not asked for may be short.
        if (cpu > 0 && load.freeCpu < cpu) {
          lacks('Insufficient cpu');
          isFinal ||= cpu > node.cpu;
        }
        if (memory > 0 && load.freeMemory < memory) {
          lacks('Insufficient memory');
          isFinal ||= memory > node.memory;
        }
        for (const [name, amount] of others) {
          const has = node.allocatable.get(name) ?? 0;
          if (amount + (load.requested.get(name) ?? 0) <= has) continue;
          lacks(`Insufficient ${name}`);
          isFinal ||= amount > has;
        }
        return short === null ? null : { filter: 'NodeResourcesFit', reasons: short, isFinal };
      },
    };
  },
};
