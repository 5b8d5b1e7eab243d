import type { Filter, Refusal } from './filter.ts';

const OTHER: Refusal = {
  filter: 'NodeName',
  reasons: ["node(s) didn't match the requested node name"],
  isFinal: true,
};

/** A pod that names its node goes there and nowhere else. */
export const nodeName: Filter = {
  name: 'NodeName',
  prepare({ pod }) {
    const { nodeName: wanted = '' } = pod.spec;
    return wanted === '' ? null : { test: ({ node }) => (node.name === wanted ? null : OTHER) };
  },
};
