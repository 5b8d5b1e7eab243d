import type { Packed } from './packed-writes.ts';
import type { Revision } from './store.ts';

/** What the worker is started with. */
export type StoreWorkerData = { readonly path: string; readonly fileBytesMax?: number | undefined };

/** To the worker. One commit is in flight at a time, so answers need no number. */
export type StoreRequest =
  /** `revision`: the last one among the writes. */
  | { readonly type: 'commit'; readonly writes: Packed; readonly revision: Revision }
  | { readonly type: 'close' };

/** From the worker: `entries` until `opened`, then one answer a request. */
export type StoreAnswer =
  | { readonly type: 'entries'; readonly entries: Packed }
  | { readonly type: 'opened'; readonly revision: Revision }
  | { readonly type: 'open-failed'; readonly failure: StoreFailure }
  | { readonly type: 'committed' }
  | { readonly type: 'commit-failed'; readonly failure: StoreFailure }
  | { readonly type: 'closed' };

/** A failure as data: errors do not cross threads with their class. */
export type StoreFailure = {
  readonly kind: 'user' | 'world';
  readonly code: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
};
