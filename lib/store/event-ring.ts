import { limits } from '../base/limits.ts';
import { firstIndex } from './sorted-keys.ts';
import { type Revision, type StoreEvent, StoreExpired } from './store.ts';

/** The last events, for watches that start a little late. Bounded by count and by bytes; the oldest go first. */
export type EventRing = {
  push(events: readonly StoreEvent[]): void;
  /** Events after `from` whose key starts with `prefix`, in order. StoreExpired when some of them are gone. */
  after(from: Revision, prefix: string): readonly StoreEvent[];
};

/** `base`: the revision the store was loaded at: nothing before it can be replayed. */
export function eventRing(
  base: Revision,
  bounds: { readonly eventsMax: number; readonly bytesMax: number } = {
    eventsMax: limits.storeRingEventsMax,
    bytesMax: limits.storeRingBytesMax,
  },
): EventRing {
  let events: StoreEvent[] = [];
  /** Events before this index are gone; the array is compacted when half of it is. */
  let head = 0;
  let bytes = 0;
  let oldest = base;

  const dropOldest = (): void => {
    const event = events[head];
    if (event === undefined) return;
    head += 1;
    bytes -= sizeOf(event);
    // One revision is dropped whole as far as replay is concerned: half of a batch would be a torn transaction.
    oldest = event.revision;
  };
  return {
    push(added) {
      for (const event of added) {
        events.push(event);
        bytes += sizeOf(event);
      }
      while (events.length - head > bounds.eventsMax || bytes > bounds.bytesMax) dropOldest();
      if (head > events.length / 2) {
        events = events.slice(head);
        head = 0;
      }
    },
    after(from, prefix) {
      if (from < oldest)
        throw new StoreExpired(`revision ${from} is no longer held; the oldest is ${oldest}`);
      const length = events.length - head;
      const start = head + firstIndex(length, (index) => (events[head + index]?.revision ?? 0) > from);
      const found: StoreEvent[] = [];
      for (let at = start; at < events.length; at += 1) {
        const event = events[at];
        if (event?.key.startsWith(prefix)) found.push(event);
      }
      return found;
    },
  };
}

function sizeOf(event: StoreEvent): number {
  // `previous` is shared with the event before it; it is counted once, there.
  return event.key.length + (event.value?.byteLength ?? 0);
}
