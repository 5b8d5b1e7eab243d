import type { Severity } from '../schema/finding.ts';

/** What the finding is for: a verdict before the merge, or a remark beside an apply. */
export const referenceModes = ['validate', 'apply'] as const;
export type ReferenceMode = (typeof referenceModes)[number];

/**
 * How bad it is that a reference cannot be resolved within the tree: an error where the tree claims to describe the namespace
 * (it declares it, and no custom resource could make more objects in it). An apply only ever warns (design, decision 6).
 */
export function referenceSeverity(of: {
  readonly mode: ReferenceMode;
  readonly namespaceDeclared: boolean;
  readonly namespaceHasCustomResources: boolean;
  /** No file failed to parse: what is missing is not in one of those. */
  readonly treeComplete: boolean;
}): Severity {
  if (of.mode === 'apply') return 'warning';
  return of.treeComplete && of.namespaceDeclared && !of.namespaceHasCustomResources ? 'error' : 'warning';
}
