import { deepEqual } from '../base/json.ts';
import { isPodTerminal } from '../schema/pod-conditions.ts';
import type { Pod } from '../schema/types.gen.ts';
import type { Binding } from './decide.ts';

export const SCHEDULER_NAME = 'default-scheduler';

/** What a change of a pod means for scheduling. */
export type PodNews = 'to-schedule' | 'room-freed' | 'nothing';

/** The pods without a node, kept apart so that a pass does not walk over all pods for them. */
export type PendingPods = {
  take(change: { readonly before: Pod | undefined; readonly after: Pod | undefined }): PodNews;
  /** Those to find a node for now: neither parked nor bound already. */
  waiting(): readonly Pod[];
  /** It found no node: it is not tried again before it changes or `retryAll`. */
  park(pod: Pod): void;
  unpark(pod: Pod): void;
  retryAll(): void;
  /** It was bound; the informer is yet to show it. */
  bound(binding: Binding): void;
  /** Bindings the informer does not show yet. */
  unseen(): readonly Binding[];
};

export function pendingPods(): PendingPods {
  /** All by uid. */
  const pending = new Map<string, Pod>();
  const parked = new Set<string>();
  const bound = new Map<string, Binding>();
  return {
    take({ before, after }) {
      const uid = (after ?? before)?.metadata.uid ?? '';
      if (after !== undefined && isPending(after)) {
        pending.set(uid, after);
        if (before === undefined || !deepEqual(before.spec, after.spec)) parked.delete(uid);
        return 'to-schedule';
      }
      for (const each of [pending, parked, bound]) each.delete(uid);
      const freed = before !== undefined && holdsRoom(before) && !(after !== undefined && holdsRoom(after));
      return freed ? 'room-freed' : 'nothing';
    },
    waiting: () => [...pending].filter(([uid]) => !parked.has(uid) && !bound.has(uid)).map(([, pod]) => pod),
    park: ({ metadata }) => void parked.add(metadata.uid ?? ''),
    unpark: ({ metadata }) => void parked.delete(metadata.uid ?? ''),
    retryAll: () => parked.clear(),
    bound(binding) {
      const uid = binding.pod.metadata.uid ?? '';
      if (pending.has(uid)) bound.set(uid, binding);
    },
    unseen: () => [...bound.values()],
  };
}

function isPending(pod: Pod): boolean {
  const { schedulerName = SCHEDULER_NAME, nodeName = '' } = pod.spec;
  const going = pod.metadata.deletionTimestamp !== undefined;
  return nodeName === '' && !going && !isPodTerminal(pod) && schedulerName === SCHEDULER_NAME;
}

/** It has a node and has not ended. */
export function holdsRoom(pod: Pod): boolean {
  return (pod.spec.nodeName ?? '') !== '' && !isPodTerminal(pod);
}
