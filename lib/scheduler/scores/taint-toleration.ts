import { tolerates } from '../../schema/taints.ts';
import type { Taint } from '../../schema/types.gen.ts';
import { normalised, type Score } from './score.ts';

/** Nodes that would rather not have the pod come last, the more such taints the later. */
export const taintTolerationScore: Score = {
  name: 'TaintToleration',
  weight: 3,
  of({ pod }, nodes) {
    if (nodes.every(({ node }) => node.softTaints.length === 0)) return null;
    const tolerations = (pod.spec.tolerations ?? []).filter(
      ({ effect = '' }) => effect === '' || effect === 'PreferNoSchedule',
    );
    const isBorne = (taint: Taint): boolean => tolerations.some((each) => tolerates(each, taint));
    return normalised(
      nodes.map(({ node }) => node.softTaints.filter((taint) => !isBorne(taint)).length),
      { reversed: true },
    );
  },
};
