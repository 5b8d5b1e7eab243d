import type { Informer } from '../../api/informer.ts';
import type { KubeObject } from '../../schema/object.ts';
import { controllerOf } from '../../schema/owner.ts';

/** refKeys by namespace. */
type ByNamespace = Map<string, Set<string>>;
const indexes = new WeakMap<object, ByNamespace>();

/** The objects of a namespace that no controller has, kept up to date: a look must not cost a walk over the namespace. */
export function orphansIn<T extends KubeObject>(informer: Informer<T>, namespace: string): readonly T[] {
  const index = indexes.get(informer) ?? buildIndex(informer);
  const keys = index.get(namespace);
  if (keys === undefined) return [];
  return [...keys].flatMap((key) => informer.objects.get(key) ?? []);
}

function buildIndex<T extends KubeObject>(informer: Informer<T>): ByNamespace {
  const index: ByNamespace = new Map();
  const put = (key: string, object: T): void => {
    const namespace = object.metadata.namespace ?? '';
    const group = index.get(namespace) ?? new Set<string>();
    if (controllerOf(object) === undefined) group.add(key);
    else group.delete(key);
    if (group.size > 0) index.set(namespace, group);
    else index.delete(namespace);
  };
  for (const [key, object] of informer.objects) put(key, object);
  informer.onChange(({ key, before, after }) => {
    if (after !== undefined) put(key, after);
    else index.get(before?.metadata.namespace ?? '')?.delete(key);
  });
  indexes.set(informer, index);
  return index;
}
