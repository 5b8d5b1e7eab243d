import { formatSelector, type Labels, matchesSelector, type Selector } from '../schema/label-selector.ts';

type Entry<Pods> = { readonly labels: Labels; readonly pods: Pods };

/**
 * Pods (and templates of pods) by namespace and label: a selector is compared with those that have its rarest label, not with
 * all of them. Answers are remembered by the selector's text, so fill it before asking.
 */
export class PodIndex<Pods> {
  readonly #byNamespace = new Map<string, Entry<Pods>[]>();
  readonly #byLabel = new Map<string, Entry<Pods>[]>();
  readonly #answers = new Map<string, readonly Pods[]>();

  add(namespace: string, labels: Labels, pods: Pods): void {
    const entry = { labels, pods };
    push(this.#byNamespace, namespace, entry);
    for (const [key, value] of Object.entries(labels))
      push(this.#byLabel, labelKey({ namespace, key, value }), entry);
  }

  /** The same selector gives the same list, not a copy of it. */
  select(namespace: string, selector: Selector): readonly Pods[] {
    if (selector === null) return [];
    const question = `${namespace}\n${formatSelector(selector)}`;
    const known = this.#answers.get(question);
    if (known !== undefined) return known;
    const answer = this.#candidates(namespace, selector)
      .filter(({ labels }) => matchesSelector(selector, labels))
      .map(({ pods }) => pods);
    this.#answers.set(question, answer);
    return answer;
  }

  #candidates(namespace: string, selector: NonNullable<Selector>): readonly Entry<Pods>[] {
    let fewest = this.#byNamespace.get(namespace) ?? [];
    for (const { key, operator, values } of selector) {
      const [value] = values;
      if (operator !== '=' || value === undefined) continue;
      const bucket = this.#byLabel.get(labelKey({ namespace, key, value })) ?? [];
      if (bucket.length < fewest.length) fewest = bucket;
    }
    return fewest;
  }
}

function labelKey(of: { readonly namespace: string; readonly key: string; readonly value: string }): string {
  return `${of.namespace}\n${of.key}\n${of.value}`;
}

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
