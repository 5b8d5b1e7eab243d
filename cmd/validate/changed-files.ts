import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { systemClock } from '../../lib/base/clock.ts';
import { UserError } from '../../lib/base/errors.ts';
import { silentLog } from '../../lib/base/log.ts';
import { openRepository } from '../../lib/git/open-repository.ts';
import type { SourceFile } from '../../lib/manifests/manifest-set.ts';

/**
 * Which of the files differ from what `revision` holds at their path, by content: commits since then, and what is not committed
 * yet. A file outside of the repository, or one that could not be read, counts as changed.
 *
 * @throws {UserError} UNKNOWN_REVISION
 */
export async function changedFiles(
  files: readonly SourceFile[],
  since: { readonly revision: string; readonly repository: string; readonly cwd: string },
): Promise<ReadonlySet<string>> {
  const root = workingTreeAbove(resolve(since.cwd, since.repository));
  const repository = await openRepository({
    location: root,
    mirrorDirectory: '',
    clock: systemClock({ keepAlive: false }),
    log: silentLog(),
  });
  try {
    const commit = await repository.resolve(since.revision);
    if (commit === null) {
      const data = { revision: since.revision };
      throw new UserError(
        'UNKNOWN_REVISION',
        `there is no revision ${since.revision} in ${repository.location}`,
        data,
      );
    }
    const tree = await repository.listTree(commit, '');
    const oids = new Map(tree.map(({ path, oid }) => [path, oid]));
    const changed = files.filter((file) => {
      const before = oids.get(relative(root, resolve(since.cwd, file.path)));
      return before === undefined || file.bytes === null || blobOid(file.bytes, before.length) !== before;
    });
    return new Set(changed.map(({ path }) => path));
  } finally {
    await repository.close();
  }
}

/** The nearest directory with a `.git`, upwards; the start itself when there is none (it may be a bare repository). */
function workingTreeAbove(start: string): string {
  for (let directory = start; ; directory = dirname(directory)) {
    if (existsSync(join(directory, '.git'))) return directory;
    if (dirname(directory) === directory) return start;
  }
}

/** The name git gives these bytes; the hash is known by its length. */
function blobOid(bytes: Uint8Array, hexLength: number): string {
  const hash = createHash(hexLength === 64 ? 'sha256' : 'sha1');
  return hash.update(`blob ${bytes.byteLength}\0`).update(bytes).digest('hex');
}
