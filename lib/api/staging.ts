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
  /** Those of a namespace (of a kind without namespaces: all). One that is not durable yet and of another batch may be missing. */
  inNamespace(kind: Kind, namespace: string): readonly KubeObject[];
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
  /** Keys of `objects`, by what all of their kind start with. */
  const staged = new Map<string, Set<string>>();
  const keep = (kind: Kind, key: string, object: KubeObject | null): void => {
    objects.set(key, object);
    const ofKind = staged.get(keyPrefix(kind));
    if (ofKind === undefined) staged.set(keyPrefix(kind), new Set([key]));
    else ofKind.add(key);
  };
  const at = (key: string): KubeObject | undefined => {
    const known = objects.get(key);
    if (known !== undefined) return known ?? undefined;
    const entry = store.readQueued(key);
    return entry === undefined ? undefined : codec.decode(entry.value);
  };
  const note = (kind: Kind, key: string, stays: boolean): void => {
    const known = objects.get(key);
    const was = known === undefined ? store.readQueued(key) !== undefined : known !== null;
    if (was === stays) return;
    added.set(keyPrefix(kind), (added.get(keyPrefix(kind)) ?? 0) + (stays ? 1 : -1));
  };
  const view: Staging = {
    revision,
    get: (kind, place) => at(objectKey(kind, place)),
    inNamespace(kind, namespace) {
      const prefix = keyPrefix(kind, namespace);
      const durable = store.list(prefix).entries.map(({ key }) => key);
      const own = [...(staged.get(keyPrefix(kind)) ?? [])].filter((key) => key.startsWith(prefix));
      const keys = own.length === 0 ? durable : new Set([...durable, ...own]);
      return [...keys].flatMap((key) => at(key) ?? []);
    },
    put(kind, object) {
      const written = atRevision(object, revision);
      const key = objectKey(kind, { ...object.metadata, namespace: object.metadata.namespace ?? '' });
      note(kind, key, true);
      keep(kind, key, written);
      return written;
    },
    remove(kind, at) {
      const key = objectKey(kind, at);
      note(kind, key, false);
      keep(kind, key, null);
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
