import { createHash, type Hash } from 'node:crypto';
import { ImageError } from '../image-error.ts';

const DIGEST = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/;

/** `sha256:…` or `sha512:…`; other algorithms are registered nowhere. Source: OCI image specification, descriptors. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

export function sha256Of(bytes: Uint8Array | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** A hash of the digest's own algorithm. */
export function hashFor(digest: string): Hash {
  return createHash(digest.startsWith('sha512:') ? 'sha512' : 'sha256');
}

/** ImageError IMAGE_LIES unless `bytes` are what the digest says. */
export function checkDigest(bytes: Uint8Array, digest: string, what: string): void {
  checkHash(hashFor(digest).update(bytes), digest, what);
}

/** ImageError IMAGE_LIES unless what went into `hash` is what the digest says. */
export function checkHash(hash: Hash, digest: string, what: string): void {
  const found = `${digest.slice(0, digest.indexOf(':'))}:${hash.digest('hex')}`;
  if (found !== digest)
    throw new ImageError('IMAGE_LIES', `${what} is ${found}, not ${digest}, as it claims`);
}

/** What names a stack of layers: the lowest one's diff id, then each with all below it. Source: OCI image specification, ChainID. */
export function chainIdsOf(diffIds: readonly string[]): readonly string[] {
  const chain: string[] = [];
  for (const diffId of diffIds) {
    const below = chain.at(-1);
    chain.push(below === undefined ? diffId : sha256Of(`${below} ${diffId}`));
  }
  return chain;
}
