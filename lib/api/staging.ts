import { limits } from '../base/limits.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Kind } from '../schema/schema.ts';
import type { Revision, Store, Write } from '../store/store.ts';
import { ApiError } from './api-error.ts';
import { atRevision, type ObjectCodec } from './object-codec.ts';
import { keyPrefix, objectKey } from './object-key.ts';

export type ObjectAt = { readonly namespace: string; readonly name: string };

/** What deciding may look at: the objects as they are after everything queued and staged before. */
export type ObjectView = {
  get(kind: Kind, at: ObjectAt): KubeObject | undefined;
  /** Who holds a claim (an address, a port); undefined when it is free. */
  claimant(claim: string): string | undefined;
};

/** One atomic batch in the making: later steps see earlier ones. */
export type Staging = ObjectView & {
  readonly revision: Revision;
  /** Keeps the object; what comes back carries the batch's resourceVersion. */
  put(kind: Kind, object: KubeObject): KubeObject;
  remove(kind: Kind, at: ObjectAt): void;
  claim(claim: string, claimant: string): void;
  release(claim: string): void;
  /** Objects of the kind that come into being, less those that go, with this batch. */
  added(kind: Kind): number;
  writes(): readonly Write[];
};

/** Claims live beside the objects, where no group and plural can be. */
const CLAIMS = '/!claims/';

export function staging(store: Store, codec: ObjectCodec, revision: Revision): Staging {
  const objects = new Map<string, KubeObject | null>();
  const claims = new Map<string, string | null>();
  const text = { encoder: new TextEncoder(), decoder: new TextDecoder() };
  const added = new Map<string, number>();
  const note = (kind: Kind, key: string, stays: boolean): void => {
    const staged = objects.get(key);
    const was = staged === undefined ? store.readQueued(key) !== undefined : staged !== null;
    if (was === stays) return;
    added.set(keyPrefix(kind), (added.get(keyPrefix(kind)) ?? 0) + (stays ? 1 : -1));
  };
  const view: Staging = {
    revision,
    get(kind, at) {
      const key = objectKey(kind, at);
      const staged = objects.get(key);
      if (staged !== undefined) return staged ?? undefined;
      const entry = store.readQueued(key);
      return entry === undefined ? undefined : codec.decode(entry.value);
    },
    put(kind, object) {
      const written = atRevision(object, revision);
      const key = objectKey(kind, { ...object.metadata, namespace: object.metadata.namespace ?? '' });
      note(kind, key, true);
      objects.set(key, written);
      return written;
    },
    remove(kind, at) {
      const key = objectKey(kind, at);
      note(kind, key, false);
      objects.set(key, null);
    },
    added: (kind) => added.get(keyPrefix(kind)) ?? 0,
    claimant(claim) {
      const staged = claims.get(claim);
      if (staged !== undefined) return staged ?? undefined;
      const entry = store.readQueued(`${CLAIMS}${claim}`);
      return entry === undefined ? undefined : text.decoder.decode(entry.value);
    },
    claim(claim, claimant) {
      if (view.claimant(claim) !== claimant) claims.set(claim, claimant);
    },
    release: (claim) => void claims.set(claim, null),
    writes() {
      const writes: Write[] = [];
      for (const [key, object] of objects) {
        if (object !== null) writes.push({ key, value: bounded(object, codec.encode(object)) });
        else if (store.readQueued(key) !== undefined) writes.push({ key, value: null });
      }
      for (const [claim, claimant] of claims) {
        writes.push({
          key: `${CLAIMS}${claim}`,
          value: claimant === null ? null : text.encoder.encode(claimant),
        });
      }
      return writes;
    },
  };
  return view;
}

function bounded(object: KubeObject, value: Uint8Array): Uint8Array {
  // What is recorded of a whole source, or of an object twice, may be larger than any object.
  const bytesMax = object.apiVersion.startsWith('pintle.dev/')
    ? limits.apiRecordBytesMax
    : limits.apiObjectBytesMax;
  if (value.byteLength <= bytesMax) return value;
  throw new ApiError(
    'RequestEntityTooLarge',
    `${object.kind} "${object.metadata.name}" has ${value.byteLength} bytes; the most is ${bytesMax}`,
    { details: { kind: object.kind, name: object.metadata.name } },
  );
}
