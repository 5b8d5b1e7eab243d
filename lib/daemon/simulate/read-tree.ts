import { UserError } from '../../base/errors.ts';
import type { GitRepository } from '../../git/repository.ts';
import { manifestFiles } from '../manifest-files.ts';
import { readBounded } from '../read-bounded.ts';
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
  // What is left out past the bound is told as a daemon tells it: too large.
  const blobs = await readBounded(repository, wanted);
  return { commit: await repository.commit(oid), files, blobs };
}
