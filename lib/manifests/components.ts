import { formatSelector, matchesSelector, type Requirement } from '../schema/label-selector.ts';
import { type KubeObject, type ObjectRef, refKey, refOf } from '../schema/object.ts';
import { DisjointSets } from './disjoint-sets.ts';
import { podShapeOf } from './pod-shape.ts';
import { type ObjectReference, referencesOf, type SelectorReference } from './references.ts';

/** Objects that live and fail together, sorted by refKey. */
export type Component = readonly ObjectRef[];

type LabelledPods = { readonly node: number; readonly labels: Readonly<Record<string, string>> };

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
  const pods = new PodIndex();
  for (const [at, object] of all.entries()) {
    const node = nodes[at] ?? 0;
    const shape = podShapeOf(object);
    if (shape !== null) pods.add(object.metadata.namespace ?? '', { node, labels: shape.labels });
    for (const reference of referencesOf(object)) {
      if (reference.ordersOnly) continue;
      if (reference.kind === 'selector') selectors.push({ node, reference });
      else joinTarget(reference, { node, sets, nodeByKey });
    }
  }
  for (const { node, reference } of selectors) {
    for (const selected of pods.select(reference)) sets.join(node, selected);
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

/** Pods (and templates of pods) by namespace and label, so that a selector looks only at likely ones. */
class PodIndex {
  readonly #byNamespace = new Map<string, LabelledPods[]>();
  readonly #byLabel = new Map<string, LabelledPods[]>();
  readonly #answers = new Map<string, readonly number[]>();

  add(namespace: string, pods: LabelledPods): void {
    push(this.#byNamespace, namespace, pods);
    for (const [key, value] of Object.entries(pods.labels))
      push(this.#byLabel, labelKey(namespace, key, value), pods);
  }

  select({ namespace, selector }: SelectorReference): readonly number[] {
    if (selector === null) return [];
    const question = `${namespace}/${formatSelector(selector)}`;
    const known = this.#answers.get(question);
    // Whoever asks the same again is tied to all of them by being tied to one.
    if (known !== undefined) return known.slice(0, 1);
    const answer = this.#candidates(namespace, selector)
      .filter(({ labels }) => matchesSelector(selector, labels))
      .map(({ node }) => node);
    this.#answers.set(question, answer);
    return answer;
  }

  #candidates(namespace: string, selector: readonly Requirement[]): readonly LabelledPods[] {
    let fewest = this.#byNamespace.get(namespace) ?? [];
    for (const { key, operator, values } of selector) {
      if (operator !== '=' || values[0] === undefined) continue;
      const bucket = this.#byLabel.get(labelKey(namespace, key, values[0])) ?? [];
      if (bucket.length < fewest.length) fewest = bucket;
    }
    return fewest;
  }
}

function labelKey(namespace: string, key: string, value: string): string {
  return `${namespace}\n${key}\n${value}`;
}

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
