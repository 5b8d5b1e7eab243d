import { UserError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Blob, GitRepository, Oid } from '../../git/repository.ts';
import { manifestFiles } from '../manifest-files.ts';
import type { FixedTree } from './fixed-repository.ts';

/** All that is read of a revision to know what it says. UserError UNKNOWN_REVISION; NO_COMMIT where a branch has none yet. */
export async function readTree(
  repository: GitRepository,
  at: { readonly revision: string | null; readonly branch: string; readonly path: string },
): Promise<FixedTree> {
  const oid = await repository.resolve(at.revision ?? `refs/heads/${at.branch}`);
  if (oid === null) {
    throw at.revision === null
      ? new UserError('NO_COMMIT', `the branch ${at.branch} has no commit yet`)
      : new UserError('UNKNOWN_REVISION', `there is no revision ${at.revision} in ${repository.location}`, {
          revision: at.revision,
        });
  }
  const files = await manifestFiles(repository, await repository.listTree(oid, at.path));
  const wanted = [...new Set(files.filter(({ mode }) => mode !== 'submodule').map((file) => file.oid))];
  const blobs = new Map<Oid, Blob>();
  let bytes = 0;
  // What is left out past the bound is told as a daemon tells it: too large.
  for (
    let from = 0;
    from < wanted.length && bytes <= limits.manifestSetBytesMax;
    from += limits.manifestReadFilesMax
  ) {
    const group = wanted.slice(from, from + limits.manifestReadFilesMax);
    for (const [blobOid, blob] of await repository.readBlobs(group, limits.manifestBytesMax)) {
      blobs.set(blobOid, blob);
      if (blob.kind === 'bytes') bytes += blob.bytes.byteLength;
    }
  }
  return { commit: await repository.commit(oid), files, blobs };
}
