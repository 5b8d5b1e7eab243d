import type { Pod, StatefulSet } from '../../schema/types.gen.ts';

export const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name';
export const POD_INDEX_LABEL = 'apps.kubernetes.io/pod-index';

/** The first ordinal and the one after the last. */
export function ordinalsOf({ spec }: StatefulSet): { readonly from: number; readonly to: number } {
  const from = spec.ordinals?.start ?? 0;
  return { from, to: from + (spec.replicas ?? 1) };
}

export function podNameOf(statefulSet: StatefulSet, ordinal: number): string {
  return `${statefulSet.metadata.name}-${ordinal}`;
}

/** The ordinal that a pod's name says; null when it is not a name of this StatefulSet's. */
export function ordinalOf(statefulSet: StatefulSet, { metadata }: Pod): number | null {
  const prefix = `${statefulSet.metadata.name}-`;
  if (!metadata.name.startsWith(prefix)) return null;
  const digits = metadata.name.slice(prefix.length);
  return /^(0|[1-9][0-9]{0,9})$/.test(digits) ? Number(digits) : null;
}

/** The claim of a template that a pod of this ordinal has, and its successor will. */
export function claimNameOf(statefulSet: StatefulSet, template: string, ordinal: number): string {
  return `${template}-${podNameOf(statefulSet, ordinal)}`;
}
