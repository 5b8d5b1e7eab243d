import { isObject } from '../base/json.ts';
import { DEFAULT_CLASS_ANNOTATION } from '../schema/local-volume.ts';
import type { KubeObject } from '../schema/object.ts';

/**
 * Whether a claim gets its volume only once a pod uses it: its class says WaitForFirstConsumer. A claim that names no class is
 * taken for one of the default class, which admission gives it; where nobody knows the class it may be bound to a volume that is
 * there, at once.
 */
export function waitsForConsumer(claim: KubeObject, classes: Iterable<KubeObject>): boolean {
  const { storageClassName } = isObject(claim.spec) ? claim.spec : {};
  const all = [...classes];
  const found =
    storageClassName === undefined
      ? newestDefault(all)
      : all.find(({ metadata }) => metadata.name === storageClassName);
  return found?.volumeBindingMode === 'WaitForFirstConsumer';
}

function newestDefault(classes: readonly KubeObject[]): KubeObject | undefined {
  const at = ({ metadata }: KubeObject): string => metadata.creationTimestamp ?? '';
  return classes
    .filter(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS_ANNOTATION] === 'true')
    .sort((a, b) => at(b).localeCompare(at(a)) || a.metadata.name.localeCompare(b.metadata.name))[0];
}
