import { type KubeObject, type ObjectRef, refKey, refOf } from '../schema/object.ts';
import { DisjointSets } from './disjoint-sets.ts';
import { PodIndex } from './pod-index.ts';
import { podShapeOf } from './pod-shape.ts';
import { type ObjectReference, referencesOf, type SelectorReference } from './references.ts';

/** Objects that live and fail together, sorted by refKey. */
export type Component = readonly ObjectRef[];

/**
 * Groups objects that are tied by references and selectors, as they are now or as they were (design, decision 5).
 * Namespaces, CRDs, classes and RBAC only order: they tie nothing. An object in both lists is one node.
 *
 * @returns every object exactly once; components sorted by their first member
 */
export function componentsOf(
  objects: readonly KubeObject[],
  previousObjects: readonly KubeObject[],
): readonly Component[] {
  const all = [...objects, ...previousObjects];
  const refs: ObjectRef[] = [];
  const nodeByKey = new Map<string, number>();
  const nodes = all.map((object) => {
    const ref = refOf(object);
    const key = refKey(ref);
    const known = nodeByKey.get(key);
    if (known !== undefined) return known;
    nodeByKey.set(key, refs.length);
    return refs.push(ref) - 1;
  });
  const sets = new DisjointSets(refs.length);
  const selectors: { readonly node: number; readonly reference: SelectorReference }[] = [];
  const pods = new PodIndex<number>();
  for (const [at, object] of all.entries()) {
    const node = nodes[at] ?? 0;
    const shape = podShapeOf(object);
    if (shape !== null) pods.add(object.metadata.namespace ?? '', shape.labels, node);
    for (const reference of referencesOf(object)) {
      if (reference.ordersOnly) continue;
      if (reference.kind === 'selector') selectors.push({ node, reference });
      else joinTarget(reference, { node, sets, nodeByKey });
    }
  }
  const answered = new Set<readonly number[]>();
  for (const { node, reference } of selectors) {
    const selected = pods.select(reference.namespace, reference.selector);
    // Whoever selects the same as another is tied to all of it by being tied to one.
    const [first] = selected;
    if (first !== undefined) sets.join(node, first);
    if (answered.has(selected)) continue;
    answered.add(selected);
    for (const each of selected) sets.join(node, each);
  }
  return grouped(refs, sets);
}

function joinTarget(
  reference: ObjectReference,
  from: {
    readonly node: number;
    readonly sets: DisjointSets;
    readonly nodeByKey: ReadonlyMap<string, number>;
  },
): void {
  const target = from.nodeByKey.get(refKey(reference.to));
  if (target !== undefined) from.sets.join(from.node, target);
}

function grouped(refs: readonly ObjectRef[], sets: DisjointSets): readonly Component[] {
  const byRoot = new Map<number, { readonly key: string; readonly ref: ObjectRef }[]>();
  const sorted = refs.map((ref, node) => ({ key: refKey(ref), ref, node }));
  sorted.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  for (const { key, ref, node } of sorted) {
    const root = sets.rootOf(node);
    const members = byRoot.get(root);
    if (members === undefined) byRoot.set(root, [{ key, ref }]);
    else members.push({ key, ref });
  }
  // Maps keep the order of insertion, which is that of each component's first member.
  return [...byRoot.values()].map((members) => members.map(({ ref }) => ref));
}
