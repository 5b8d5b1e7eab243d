import { createHash } from 'node:crypto';
import type { Oid } from './repository.ts';

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';
export type ObjectFormat = 'sha1' | 'sha256';

const OID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
/** Four digits is the shortest abbreviation git takes. */
const OID_PREFIX = /^[0-9a-f]{4,64}$/;

/** A whole object name, SHA-1 or SHA-256, in lower-case hex. */
export function isOid(text: string): boolean {
  return OID.test(text);
}

export function isOidPrefix(text: string): boolean {
  return OID_PREFIX.test(text);
}

/** The object name that stands for "no object" beside names of the same format. */
export function zeroOid(format: ObjectFormat): Oid {
  return '0'.repeat(format === 'sha1' ? 40 : 64);
}

/** The header every object is hashed and stored with. */
export function objectHeader(type: ObjectType, sizeBytes: number): Uint8Array {
  return Buffer.from(`${type} ${sizeBytes}\0`, 'latin1');
}

/** The name git gives to these bytes. */
export function hashObject(type: ObjectType, bytes: Uint8Array, format: ObjectFormat): Oid {
  return createHash(format).update(objectHeader(type, bytes.length)).update(bytes).digest('hex');
}
