import type { StoreEvent, StoreWatch } from './store.ts';

type Watcher = {
  readonly prefix: string;
  readonly onEvents: (events: readonly StoreEvent[]) => void;
  /** Whole batches: who has only one of them gets the array that all others get. */
  pending: (readonly StoreEvent[])[];
  closed: boolean;
};

/**
 * Hands events to those who watch: in order, a batch a call, in a microtask of its own. Watchers of one prefix get one array, so that
 * what is made of it can be made once.
 */
export type Watchers = {
  add(
    prefix: string,
    replay: readonly StoreEvent[],
    onEvents: (events: readonly StoreEvent[]) => void,
  ): StoreWatch;
  publish(events: readonly StoreEvent[]): void;
  closeAll(): void;
};

export function watchers(): Watchers {
  const byPrefix = new Map<string, Set<Watcher>>();

  const offer = (watcher: Watcher, events: readonly StoreEvent[]): void => {
    if (watcher.pending.length === 0) queueMicrotask(() => deliver(watcher));
    watcher.pending.push(events);
  };
  const deliver = (watcher: Watcher): void => {
    const [first, ...more] = watcher.pending;
    watcher.pending = [];
    if (watcher.closed || first === undefined) return;
    watcher.onEvents(more.length === 0 ? first : [first, ...more].flat());
  };
  return {
    add(prefix, replay, onEvents) {
      const watcher: Watcher = { prefix, onEvents, pending: [], closed: false };
      const group = byPrefix.get(prefix) ?? new Set();
      byPrefix.set(prefix, group.add(watcher));
      if (replay.length > 0) offer(watcher, replay);
      return {
        close() {
          watcher.closed = true;
          group.delete(watcher);
          if (group.size === 0 && byPrefix.get(prefix) === group) byPrefix.delete(prefix);
        },
      };
    },
    publish(events) {
      for (const [prefix, group] of byPrefix) {
        const matching = events.filter((event) => event.key.startsWith(prefix));
        if (matching.length > 0) for (const watcher of group) offer(watcher, matching);
      }
    },
    closeAll() {
      for (const group of byPrefix.values()) for (const watcher of group) watcher.closed = true;
      byPrefix.clear();
    },
  };
}
