import { limits } from '../base/limits.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Revision } from '../store/store.ts';

/** Objects as the store's bytes, and back. Each value is parsed once while it is remembered. */
export type ObjectCodec = {
  /** JSON in the stored version. */
  encode(object: KubeObject): Uint8Array;
  decode(value: Uint8Array): KubeObject;
};

/** What an object was written as, or read from, for as long as somebody holds it. */
const stored = new WeakMap<KubeObject, Uint8Array>();

/**
 * The bytes of an object as it was stored: JSON in its stored version, which a reader can be sent as they are. undefined for one that
 * is in no store (a dry run's, one that is deleted).
 */
export function storedBytes(object: KubeObject): Uint8Array | undefined {
  return stored.get(object);
}

export function objectCodec(rememberedMax: number = limits.apiParsedObjectsMax): ObjectCodec {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  // Two generations stand in for least recently used: when the young one is full the old one is forgotten.
  let young = new Map<Uint8Array, KubeObject>();
  let old = new Map<Uint8Array, KubeObject>();
  // Beyond those, what somebody else still holds (an informer, most of all) is not parsed into a second copy.
  const elsewhere = new WeakMap<Uint8Array, WeakRef<KubeObject>>();
  const remember = (value: Uint8Array, object: KubeObject): void => {
    if (young.size >= rememberedMax / 2) {
      old = young;
      young = new Map();
    }
    young.set(value, object);
    if (elsewhere.get(value)?.deref() === object) return;
    elsewhere.set(value, new WeakRef(object));
    stored.set(object, value);
  };
  return {
    encode(object) {
      const value = encoder.encode(JSON.stringify(object));
      remember(value, object);
      return value;
    },
    decode(value) {
      const known = young.get(value);
      if (known !== undefined) return known;
      const object =
        old.get(value) ?? elsewhere.get(value)?.deref() ?? (JSON.parse(decoder.decode(value)) as KubeObject);
      remember(value, object);
      return object;
    },
  };
}

/** The object with the revision that wrote (or deleted) it. */
export function atRevision(object: KubeObject, revision: Revision): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: `${revision}` } };
}
