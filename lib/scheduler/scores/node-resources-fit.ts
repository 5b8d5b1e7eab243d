import { freeShare } from './least-allocated.ts';
import type { Score } from './score.ts';

/** The emptier node comes first, by cpu and memory, each counting the same. Source: upstream NodeResourcesFit, LeastAllocated. */
export const nodeResourcesFitScore: Score = {
  name: 'NodeResourcesFit',
  weight: 1,
  of: ({ assumed }, nodes) =>
    nodes.map(({ node, assumed: taken }) => {
      const cpu = node.allocatable.get('cpu') ?? 0;
      const memory = node.allocatable.get('memory') ?? 0;
      const counted = (cpu > 0 ? 1 : 0) + (memory > 0 ? 1 : 0);
      if (counted === 0) return 0;
      return Math.trunc(
        (freeShare(taken.cpu + assumed.cpu, cpu) + freeShare(taken.memory + assumed.memory, memory)) /
          counted,
      );
    }),
};
