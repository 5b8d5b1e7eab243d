import { noPersistence, type Snapshot } from './persistence.ts';
import { residentStore } from './resident-store.ts';
import type { Store } from './store.ts';

/** A store that keeps nothing on disk. `snapshot`: what it starts with (entries sorted by key); empty unless given. */
export function memoryStore(options: { readonly snapshot?: Snapshot } = {}): Store {
  return residentStore({
    snapshot: options.snapshot ?? { revision: 0, entries: [] },
    persistence: noPersistence(),
  });
}
