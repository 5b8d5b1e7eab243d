import { findUntolerated } from '../../schema/taints.ts';
import type { Filter } from './filter.ts';

/** NoSchedule and NoExecute keep away whoever does not tolerate them; the first of a node is told. */
export const taintToleration: Filter = {
  name: 'TaintToleration',
  prepare: ({ pod }) => ({
    test({ node }) {
      if (node.strictTaints.length === 0) return null;
      const taint = findUntolerated(pod.spec.tolerations, node.strictTaints);
      if (taint === undefined) return null;
      const reasons = [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`];
      return { filter: 'TaintToleration', reasons, isFinal: true };
    },
  }),
};
