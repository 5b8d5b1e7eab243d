import { limits } from '../base/limits.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Kind } from '../schema/schema.ts';
import type { Revision, Store, Write } from '../store/store.ts';
import { ApiError } from './api-error.ts';
import { atRevision, type ObjectCodec } from './object-codec.ts';
import { objectKey } from './object-key.ts';

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
  writes(): readonly Write[];
};

/** Claims live beside the objects, where no group and plural can be. */
const CLAIMS = '/!claims/';

export function staging(store: Store, codec: ObjectCodec, revision: Revision): Staging {
  const objects = new Map<string, KubeObject | null>();
  const claims = new Map<string, string | null>();
  const text = { encoder: new TextEncoder(), decoder: new TextDecoder() };
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
      objects.set(
        objectKey(kind, { ...object.metadata, namespace: object.metadata.namespace ?? '' }),
        written,
      );
      return written;
    },
    remove: (kind, at) => void objects.set(objectKey(kind, at), null),
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
  if (value.byteLength <= limits.apiObjectBytesMax) return value;
  throw new ApiError(
    'RequestEntityTooLarge',
    `${object.kind} "${object.metadata.name}" has ${value.byteLength} bytes; the most is ${limits.apiObjectBytesMax}`,
    { details: { kind: object.kind, name: object.metadata.name } },
  );
}
