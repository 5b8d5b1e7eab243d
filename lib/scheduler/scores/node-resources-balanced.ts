import { SCORE_MAX, type Score } from './score.ts';

/**
 * Nodes whose cpu and memory would be used alike come first: 100 less the standard deviation of the shares in use. A pod that asks for
 * neither does not care. Source: upstream NodeResourcesBalancedAllocation.
 */
export const nodeResourcesBalancedScore: Score = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  of({ requests }, nodes) {
    const cpu = requests.get('cpu') ?? 0;
    const memory = requests.get('memory') ?? 0;
    if (cpu === 0 && memory === 0) return null;
    return nodes.map(({ node, freeCpu, freeMemory }) => {
      const a = share(node.cpu, freeCpu - cpu);
      const b = share(node.memory, freeMemory - memory);
      // Of two shares the deviation is half their difference; of one there is none.
      const deviation = a === null || b === null ? 0 : Math.abs(a - b) / 2;
      return Math.trunc((1 - deviation) * SCORE_MAX);
    });
  },
};

/** What would be in use of it, 1 at most; null: the node has none. */
function share(has: number, free: number): number | null {
  return has === 0 ? null : Math.min(1, (has - free) / has);
}
