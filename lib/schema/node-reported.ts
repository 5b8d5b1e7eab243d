import type { Node } from './types.gen.ts';

/**
 * The node has said what it has; before that it is one without any room. Upstream a new node bears the taint of those that are not ready,
 * until it is.
 */
export function hasReported({ status }: Pick<Node, 'status'>): boolean {
  return (status?.allocatable ?? status?.capacity) !== undefined;
}
