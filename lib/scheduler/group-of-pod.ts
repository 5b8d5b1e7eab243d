import type { Selector } from '../schema/label-selector.ts';
import { matchesSelector, selectorFromLabels } from '../schema/label-selector.ts';
import type { LabelSelector, Pod, Service } from '../schema/types.gen.ts';
import { readSelector } from './facts/affinity-terms.ts';

/**
 * What groups a pod with others: the selectors of the Services that select it, and of its controller. Null: it is alone.
 * Source: upstream DefaultSelector.
 */
export function groupOfPod(
  { metadata }: Pod,
  by: {
    /** Those of the pod's namespace. */
    readonly services: readonly Service[];
    /** Of its ReplicaSet, ReplicationController or StatefulSet; unset: it has none of them. */
    readonly ofController: LabelSelector | undefined;
  },
): Selector {
  const services = by.services
    .map(({ spec }) => selectorFromLabels(spec?.selector))
    .filter((selector) => matchesSelector(selector, metadata.labels));
  const own = by.ofController === undefined ? null : readSelector(by.ofController);
  const all = [...services, own].flatMap((selector) => selector ?? []);
  return all.length === 0 ? null : all;
}
