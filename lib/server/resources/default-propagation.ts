import type { DeleteOptions } from '../../api/client.ts';
import { FOREGROUND_FINALIZER, ORPHAN_FINALIZER } from '../../api/delete-object.ts';
import type { KindRef, KubeObject } from '../../schema/object.ts';

/** Who deletes one of these and does not say how leaves its pods behind, as in the first versions of the API. */
const ORPHANING: readonly KindRef[] = [
  { group: '', kind: 'ReplicationController' },
  { group: 'batch', kind: 'Job' },
];

/**
 * The options with what a kind's deletion means where nothing is said; `before`: what is to go, if it is one object. kubectl always says it.
 * Source: DefaultGarbageCollectionPolicy of the registries, and Job's WarningsOnDelete.
 */
export function withDefaultPropagation(
  options: DeleteOptions,
  of: { readonly kind: KindRef; readonly before: KubeObject | null; warn(text: string): void },
): DeleteOptions {
  const { group, kind } = of.kind;
  if (options.propagation !== undefined) return options;
  if (!ORPHANING.some((each) => each.group === group && each.kind === kind)) return options;
  // It is on its way already, and has been told how.
  const finalizers = of.before?.metadata.finalizers ?? [];
  if (finalizers.includes(FOREGROUND_FINALIZER) || finalizers.includes(ORPHAN_FINALIZER)) return options;
  if (kind === 'Job') {
    of.warn(
      'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
    );
  }
  return { ...options, propagation: 'Orphan' };
}
