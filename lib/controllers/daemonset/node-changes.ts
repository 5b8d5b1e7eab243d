import type { Informers } from '../../api/informers.ts';
import { deepEqual } from '../../base/json.ts';
import { hasReported } from '../../schema/node-reported.ts';
import type { Node } from '../../schema/types.gen.ts';
import type { Watched } from '../harness/controller.ts';
import type { Key } from '../harness/work-queue.ts';

const NODE = { group: '', kind: 'Node' } as const;

/**
 * Wakes every key of `keysOf` when a node comes, goes, or changes in what placement looks at. Nodes report every few seconds that they
 * live: that wakes nobody.
 */
export function nodeChanges(keysOf: (informers: Informers) => readonly Key[]): Watched {
  return {
    kind: NODE,
    subscribe(informers, wake) {
      return informers.of<Node>(NODE).onChange(({ before, after }) => {
        if (before !== undefined && after !== undefined && placesAlike(before, after)) return;
        for (const key of keysOf(informers)) wake(key);
      });
    },
  };
}

function placesAlike(before: Node, after: Node): boolean {
  return (
    hasReported(before) === hasReported(after) &&
    deepEqual(before.metadata.labels ?? {}, after.metadata.labels ?? {}) &&
    deepEqual(before.spec.taints ?? [], after.spec.taints ?? [])
  );
}
