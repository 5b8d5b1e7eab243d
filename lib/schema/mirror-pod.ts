import type { KubeObject } from './object.ts';

/** Annotations of pods that a node runs without the API's say, and of their mirrors. Source: kubelet pkg/kubelet/types. */
export const staticAnnotations = {
  /** On the mirror alone: what it mirrors, by its uid. */
  mirror: 'kubernetes.io/config.mirror',
  hash: 'kubernetes.io/config.hash',
  source: 'kubernetes.io/config.source',
  seen: 'kubernetes.io/config.seen',
  /** The file's name in the directory. Ours. */
  file: 'pintle.dev/static-pod-file',
} as const;

/** Whether the object only shows in the API what a node runs by itself. */
export function isMirrorPod({
  apiVersion,
  kind,
  metadata,
}: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>): boolean {
  return (
    apiVersion === 'v1' && kind === 'Pod' && metadata.annotations?.[staticAnnotations.mirror] !== undefined
  );
}
