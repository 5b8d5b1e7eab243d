import type { KubeObject } from '../schema/object.ts';

/** What a manifest, or live, tells Pintle about itself by annotation. Git and live count alike: either may say so. */
export const directives = {
  reconcile: 'pintle.dev/reconcile',
  prune: 'pintle.dev/prune',
  replace: 'pintle.dev/replace',
} as const;

function says(
  annotation: string,
  word: string,
  objects: readonly (KubeObject | null | undefined)[],
): boolean {
  return objects.some((object) => object?.metadata.annotations?.[annotation] === word);
}

/** `pintle.dev/reconcile: disabled`: leave the object alone altogether. */
export function reconcileDisabled(...objects: readonly (KubeObject | null | undefined)[]): boolean {
  return says(directives.reconcile, 'disabled', objects);
}

/** `pintle.dev/prune: disabled`: keep the object when git drops it. */
export function pruneDisabled(...objects: readonly (KubeObject | null | undefined)[]): boolean {
  return says(directives.prune, 'disabled', objects);
}

/** `pintle.dev/replace: allowed`: when an immutable field changes, delete and create again. */
export function replaceAllowed(...objects: readonly (KubeObject | null | undefined)[]): boolean {
  return says(directives.replace, 'allowed', objects);
}
