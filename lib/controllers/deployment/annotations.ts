import type { KubeObject } from '../../schema/object.ts';

/** The annotations of a rollout, on the Deployment and its ReplicaSets. Source: Kubernetes apps. */
export const annotations = {
  revision: 'deployment.kubernetes.io/revision',
  revisionHistory: 'deployment.kubernetes.io/revision-history',
  desiredReplicas: 'deployment.kubernetes.io/desired-replicas',
  maxReplicas: 'deployment.kubernetes.io/max-replicas',
} as const;

/** The largest int32; as a limit or a deadline it means none. */
export const INT32_MAX = 2 ** 31 - 1;

/** What an annotation that must be a count says: a value, or why it says none. */
export type AnnotationInt =
  | { readonly valid: true; readonly value: number }
  | { readonly valid: false; readonly problem: 'absent' | 'syntax' | 'range' };

/** Reads a non-negative int32 in decimal, as upstream does (a sign is allowed). */
export function annotationInt(text: string | undefined): AnnotationInt {
  if (text === undefined) return { valid: false, problem: 'absent' };
  if (!/^[+-]?[0-9]+$/.test(text)) return { valid: false, problem: 'syntax' };
  const value = Number(text);
  if (value < 0 || value > INT32_MAX) return { valid: false, problem: 'range' };
  return { valid: true, value: value + 0 };
}

function countAt(object: KubeObject, key: string): number | null {
  const read = annotationInt(object.metadata.annotations?.[key]);
  return read.valid ? read.value : null;
}

export function desiredReplicasOf(object: KubeObject): number | null {
  return countAt(object, annotations.desiredReplicas);
}

export function maxReplicasOf(object: KubeObject): number | null {
  return countAt(object, annotations.maxReplicas);
}

/** The rollout's number; 0 when there is none. */
export function revisionOf(object: KubeObject): number {
  return countAt(object, annotations.revision) ?? 0;
}

/** The sizes a ReplicaSet is to remember, so that a later scaling can tell by how much the Deployment changed. */
export function sizeAnnotations(sizes: {
  readonly desired: number;
  readonly max: number;
}): Readonly<Record<string, string>> {
  return {
    [annotations.desiredReplicas]: String(sizes.desired),
    [annotations.maxReplicas]: String(sizes.max),
  };
}

export function sizeAnnotationsNeedUpdate(
  object: KubeObject,
  sizes: { readonly desired: number; readonly max: number },
): boolean {
  const wanted = sizeAnnotations(sizes);
  return Object.keys(wanted).some((key) => object.metadata.annotations?.[key] !== wanted[key]);
}
