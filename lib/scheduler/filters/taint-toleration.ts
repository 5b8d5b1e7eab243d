import { findUntolerated } from '../../schema/taints.ts';
import type { Filter } from './filter.ts';

/** NoSchedule and NoExecute keep away whoever does not tolerate them; the first of a node is told. */
export const taintToleration: Filter = {
  name: 'TaintToleration',
  prepare: ({ pod }) => ({
    test({ isOpen, node }) {
      if (isOpen) return null;
      const taint = findUntolerated(pod.spec.tolerations, node.strictTaints);
      if (taint === undefined) return null;
      const reasons = [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`];
      return { filter: 'TaintToleration', reasons, isFinal: true };
    },
  }),
};
