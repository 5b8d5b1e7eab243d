import { createHash } from 'node:crypto';
import type { KubeObject } from '../schema/object.ts';
import type { Batch, Persistence, Snapshot } from '../store/persistence.ts';
import type { Revision } from '../store/store.ts';

/** What the API keeps beside objects: names and addresses that are taken. */
const CLAIMS = '/!claims/';

/** What a store's file holds, in memory: it outlives the processes that open it. */
export type MemoryDisk = Persistence & {
  snapshot(): Snapshot;
  /** Everything that is durable under `prefix`, sorted by key. */
  objects<T extends KubeObject>(prefix: string): readonly T[];
  /** A hash over all that was ever committed, in order. */
  trace(): string;
  copy(): MemoryDisk;
};

/** `onCommit` is called after each commit has become durable. */
export function memoryDisk(
  options: { readonly start?: Snapshot; readonly onCommit?: (disk: MemoryDisk) => void } = {},
): MemoryDisk {
  const entries = new Map((options.start?.entries ?? []).map((entry) => [entry.key, entry]));
  const hash = createHash('sha256');
  const parsed = new WeakMap<Uint8Array, KubeObject>();
  let revision: Revision = options.start?.revision ?? 0;

  const objectOf = (value: Uint8Array): KubeObject => {
    const known = parsed.get(value);
    if (known !== undefined) return known;
    const object = JSON.parse(Buffer.from(value).toString('utf8')) as KubeObject;
    parsed.set(value, object);
    return object;
  };
  const disk: MemoryDisk = {
    async commit(batches: readonly Batch[]) {
      for (const batch of batches) {
        revision = batch.revision;
        for (const { key, value } of batch.writes) {
          hash.update(`${revision} ${key} `).update(value ?? 'gone');
          if (value === null) entries.delete(key);
          else entries.set(key, { key, value, revision });
        }
      }
      options.onCommit?.(disk);
    },
    close: () => Promise.resolve(),
    snapshot: () => ({ revision, entries: [...entries.values()].sort((a, b) => (a.key < b.key ? -1 : 1)) }),
    objects: <T extends KubeObject>(prefix: string) =>
      [...entries.values()]
        .filter(({ key }) => key.startsWith(prefix) && !key.startsWith(CLAIMS))
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .map(({ value }) => objectOf(value) as T),
    trace: () => hash.copy().digest('hex'),
    copy: () => memoryDisk({ ...options, start: disk.snapshot() }),
  };
  return disk;
}
