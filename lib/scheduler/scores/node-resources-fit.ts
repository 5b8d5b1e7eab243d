import { freeShare } from './least-allocated.ts';
import type { Score } from './score.ts';

/** The emptier node comes first, by cpu and memory, each counting the same. Source: upstream NodeResourcesFit, LeastAllocated. */
export const nodeResourcesFitScore: Score = {
  name: 'NodeResourcesFit',
  weight: 1,
  of: ({ assumed }, nodes) =>
    nodes.map(({ node, assumedCpu, assumedMemory }) => {
      const { cpu, memory } = node;
      const counted = (cpu > 0 ? 1 : 0) + (memory > 0 ? 1 : 0);
      if (counted === 0) return 0;
      return Math.trunc(
        (freeShare(assumedCpu + assumed.cpu, cpu) + freeShare(assumedMemory + assumed.memory, memory)) /
          counted,
      );
    }),
};
