import { deepEqual } from '../../base/json.ts';
import { imageKey, type NodeFacts } from '../facts/node-facts.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import { emptyLoad, type NodeLoad, onNode, withPod } from './node-load.ts';
import { nodeOrder } from './node-order.ts';

/** A node's place in the table; its load is replaced as pods come and go. */
export type MutableSlot = { node: NodeFacts; load: NodeLoad };

export type NodeTable = {
  all(): Iterable<NodeFacts>;
  slot(name: string): MutableSlot | undefined;
  /** In the order nodes are looked at. */
  slots(): readonly MutableSlot[];
  /** On how many nodes the image is. */
  withImage(image: string): number;
  /** Whether anything has changed that pods are counted by. */
  set(node: NodeFacts): boolean;
  delete(name: string): void;
};

/** `podsOn`: the pods of a node that comes after them. */
export function nodeTable(podsOn: (nodeName: string) => readonly PodFacts[]): NodeTable {
  const slots = new Map<string, MutableSlot>();
  const images = new Map<string, number>();
  let ordered: readonly MutableSlot[] | null = null;
  const countImages = (node: NodeFacts, by: 1 | -1): void => {
    for (const image of node.images.keys()) {
      const count = (images.get(image) ?? 0) + by;
      if (count === 0) images.delete(image);
      else images.set(image, count);
    }
  };
  return {
    *all() {
      for (const { node } of slots.values()) yield node;
    },
    slot: (name) => slots.get(name),
    slots() {
      ordered ??= nodeOrder(slots.values());
      return ordered;
    },
    withImage: (image) => images.get(imageKey(image)) ?? 0,
    set(node) {
      const slot = slots.get(node.name);
      countImages(node, 1);
      if (slot === undefined) {
        slots.set(node.name, { node, load: podsOn(node.name).reduce(withPod, emptyLoad(node)) });
        ordered = null;
        return true;
      }
      const before = slot.node;
      countImages(before, -1);
      slot.node = node;
      slot.load = onNode(slot.load, node);
      const isAlike =
        deepEqual(before.labels, node.labels) && deepEqual(before.strictTaints, node.strictTaints);
      if (!isAlike) ordered = null;
      return !isAlike;
    },
    delete(name) {
      const slot = slots.get(name);
      if (slot === undefined) return;
      countImages(slot.node, -1);
      slots.delete(name);
      ordered = null;
    },
  };
}
