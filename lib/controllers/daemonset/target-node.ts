import type { Pod } from '../../schema/types.gen.ts';

/** The field of a node that a pod made for it asks for. */
export const NODE_FIELD = 'metadata.name';

/** The node a pod is on, or was made for; null when neither says. */
export function targetNodeOf({ spec }: Pod): string | null {
  if ((spec.nodeName ?? '') !== '') return spec.nodeName ?? null;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  for (const { matchFields = [] } of required?.nodeSelectorTerms ?? []) {
    const field = matchFields.find(({ key, operator }) => key === NODE_FIELD && operator === 'In');
    const node = field?.values?.[0];
    if (node !== undefined && field?.values?.length === 1) return node;
  }
  return null;
}
