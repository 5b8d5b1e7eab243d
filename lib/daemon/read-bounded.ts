import { limits } from '../base/limits.ts';
import type { Blob, GitRepository, Oid } from '../git/repository.ts';

/** Blobs in order, until they are more than a tree may hold: the rest is absent, and reported with the tree. */
export async function readBounded(repository: GitRepository, oids: readonly Oid[]): Promise<Map<Oid, Blob>> {
  const blobs = new Map<Oid, Blob>();
  let bytes = 0;
  for (
    let at = 0;
    at < oids.length && bytes <= limits.manifestSetBytesMax;
    at += limits.manifestReadFilesMax
  ) {
    const group = oids.slice(at, at + limits.manifestReadFilesMax);
    for (const [oid, blob] of await repository.readBlobs(group, limits.manifestBytesMax)) {
      blobs.set(oid, blob);
      if (blob.kind === 'bytes') bytes += blob.bytes.byteLength;
    }
  }
  return blobs;
}
