import type { KubeObject } from '../schema/object.ts';
import type { Kind } from '../schema/schema.ts';
import { type Store, type StoreEvent, StoreExpired } from '../store/store.ts';
import { ApiError } from './api-error.ts';
import type { Watch, WatchEvent, WatchListener, WatchOptions } from './client.ts';
import { atRevision, type ObjectCodec } from './object-codec.ts';
import { keyPrefix } from './object-key.ts';
import { parseRevision } from './revision-rules.ts';
import { type Selection, selectionOf } from './selection.ts';

/** Expired when the revision is too old (or was never reached); BadRequest when it is not a number. */
export function watchObjects(
  store: Store,
  codec: ObjectCodec,
  kind: Kind,
  options: WatchOptions,
  listener: WatchListener,
): Watch {
  const selection = selectionOf(kind, options);
  const from = parseRevision(options.resourceVersion);
  const onEvents = (batch: readonly StoreEvent[]): void => {
    const events = selection.all ? allEvents(codec, batch) : chosenEvents(codec, selection, batch);
    if (events.length > 0) listener.onEvents(events);
  };
  try {
    return store.watch(keyPrefix(kind, options.namespace), from, onEvents);
  } catch (failure) {
    if (!(failure instanceof StoreExpired)) throw failure;
    throw new ApiError('Expired', `too old resource version: ${from}`);
  }
}

/** What a batch says to those who choose everything. They all get one array of it, of which the server then writes one text. */
const unchosen = new WeakMap<readonly StoreEvent[], readonly WatchEvent[]>();
const everything: Selection = { all: true, chooses: () => true };

function allEvents(codec: ObjectCodec, batch: readonly StoreEvent[]): readonly WatchEvent[] {
  const known = unchosen.get(batch);
  if (known !== undefined) return known;
  const events = chosenEvents(codec, everything, batch);
  unchosen.set(batch, events);
  return events;
}

function chosenEvents(
  codec: ObjectCodec,
  selection: Selection,
  batch: readonly StoreEvent[],
): readonly WatchEvent[] {
  return batch.flatMap((event) => watchEvent(codec, selection, event) ?? []);
}

/** An object that enters the selection is ADDED, one that leaves it is DELETED (as it was, at the revision that took it away). */
function watchEvent(codec: ObjectCodec, selection: Selection, event: StoreEvent): WatchEvent | null {
  const chosen = (value: Uint8Array | null): KubeObject | null => {
    if (value === null) return null;
    const object = codec.decode(value);
    return selection.chooses(object) ? object : null;
  };
  const after = chosen(event.value);
  const before = event.previous === null || (selection.all && after !== null) ? null : chosen(event.previous);
  if (after !== null) {
    const existed = selection.all ? event.previous !== null : before !== null;
    return { type: existed ? 'MODIFIED' : 'ADDED', object: after };
  }
  return before === null ? null : { type: 'DELETED', object: atRevision(before, event.revision) };
}
