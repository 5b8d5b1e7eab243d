import { findUntolerated } from '../../schema/taints.ts';
import type { Taint } from '../../schema/types.gen.ts';
import type { Filter, Refusal } from './filter.ts';

const TAINT: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
const CORDONED: Refusal = {
  filter: 'NodeUnschedulable',
  reasons: ['node(s) were unschedulable'],
  isFinal: true,
};

/** A cordoned node takes only pods that tolerate it. */
export const nodeUnschedulable: Filter = {
  name: 'NodeUnschedulable',
  prepare: ({ pod }) =>
    findUntolerated(pod.spec.tolerations, [TAINT]) === undefined
      ? null
      : { test: ({ isOpen, node }) => (!isOpen && node.isUnschedulable ? CORDONED : null) },
};
