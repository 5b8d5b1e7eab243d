import { addQuantities, compareQuantities, type Quantity, quantityOf } from './quantity.ts';
import type { Container, Pod, PodSpec } from './types.gen.ts';

/** Amounts by resource name. What cannot be read as a quantity is left out: validation has said so. */
export type ResourceAmounts = ReadonlyMap<string, Quantity>;

export type PodResourcesOptions = {
  /** Leave out the overhead of the pod's runtime class. */
  readonly excludeOverhead?: boolean;
  /** Count containers only, though the pod as a whole says what it wants. */
  readonly skipPodLevelResources?: boolean;
};

type Which = 'requests' | 'limits';

/**
 * What the pod needs at once, by resource: the larger of all containers and sidecars together, and each init container with
 * the sidecars started before it; then the overhead. Source: component-helpers resource PodRequests.
 * The amounts of a resize in progress are not counted: pods are not resized in place.
 */
export function podRequests(pod: Pick<Pod, 'spec'>, options: PodResourcesOptions = {}): ResourceAmounts {
  return total(pod.spec, 'requests', options);
}

/** Like podRequests, for limits. A resource only some containers limit has the limits of those. */
export function podLimits(pod: Pick<Pod, 'spec'>, options: PodResourcesOptions = {}): ResourceAmounts {
  return total(pod.spec, 'limits', options);
}

function total(spec: PodSpec, which: Which, options: PodResourcesOptions): ResourceAmounts {
  let running = sum((spec.containers ?? []).map((container) => amountsOf(container, which)));
  let sidecars: ResourceAmounts = new Map();
  let starting: ResourceAmounts = new Map();
  for (const container of spec.initContainers ?? []) {
    const own = amountsOf(container, which);
    if (container.restartPolicy === 'Always') {
      sidecars = sum([sidecars, own]);
      running = sum([running, own]);
      starting = greater(starting, sidecars);
    } else starting = greater(starting, sum([sidecars, own]));
  }
  const needed = new Map(greater(running, starting));
  if (options.skipPodLevelResources !== true)
    for (const [name, amount] of podLevelAmounts(spec, which)) needed.set(name, amount);
  if (options.excludeOverhead === true) return needed;
  for (const [name, amount] of readAmounts(spec.overhead)) {
    const without = needed.get(name);
    // A limit is only raised where there is one: an unlimited resource stays unlimited.
    if (without !== undefined) needed.set(name, addQuantities(without, amount));
    else if (which === 'requests') needed.set(name, amount);
  }
  return needed;
}

function amountsOf(container: Container, which: Which): ResourceAmounts {
  return readAmounts(container.resources?.[which]);
}

/** A resource list as objects carry it, read. */
export function readAmounts(list: Readonly<Record<string, number | string>> | undefined): ResourceAmounts {
  const amounts = new Map<string, Quantity>();
  for (const [name, raw] of Object.entries(list ?? {})) {
    const quantity = quantityOf(raw);
    if (quantity !== null) amounts.set(name, quantity);
  }
  return amounts;
}

/** The resources a pod may ask for as a whole; those of its containers count no more then. */
export function podLevelAmounts(spec: PodSpec, which: Which): ResourceAmounts {
  const amounts = new Map(readAmounts(spec.resources?.[which]));
  for (const name of amounts.keys())
    if (name !== 'cpu' && name !== 'memory' && !name.startsWith('hugepages-')) amounts.delete(name);
  return amounts;
}

function combine(
  lists: readonly ResourceAmounts[],
  by: (a: Quantity, b: Quantity) => Quantity,
): ResourceAmounts {
  const combined = new Map<string, Quantity>();
  for (const list of lists) {
    for (const [name, amount] of list) {
      const before = combined.get(name);
      combined.set(name, before === undefined ? amount : by(before, amount));
    }
  }
  return combined;
}

const sum = (lists: readonly ResourceAmounts[]): ResourceAmounts => combine(lists, addQuantities);

const greater = (a: ResourceAmounts, b: ResourceAmounts): ResourceAmounts =>
  combine([a, b], (one, other) => (compareQuantities(one, other) >= 0 ? one : other));
