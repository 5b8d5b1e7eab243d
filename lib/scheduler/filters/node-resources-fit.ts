import type { Filter, Refusal } from './filter.ts';

/** Every resource that is short is told. A resource the node does not have is one it has none of. */
export const nodeResourcesFit: Filter = {
  name: 'NodeResourcesFit',
  prepare({ requests }) {
    const wanted = [...requests].filter(([name, amount]) => amount > 0 && name !== 'pods');
    return {
      test({ node, requested, pods }) {
        let short: string[] | null = null;
        let isFinal = false;
        if (pods.length + 1 > node.podsMax) short = ['Too many pods'];
        for (const [name, amount] of wanted) {
          const has = node.allocatable.get(name) ?? 0;
          if (amount + (requested.get(name) ?? 0) <= has) continue;
          short = [...(short ?? []), `Insufficient ${name}`];
          // Though the node were empty.
          if (amount > has) isFinal = true;
        }
        return short === null
          ? null
          : ({ filter: 'NodeResourcesFit', reasons: short, isFinal } satisfies Refusal);
      },
    };
  },
};
