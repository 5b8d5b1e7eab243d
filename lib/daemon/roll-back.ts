import type { EpochMs } from '../base/clock.ts';
import { assert, UserError, WorldError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { commitMessage, subjectOf } from '../git/commit-message.ts';
import type { CommitInfo, FileChange, GitRepository, Oid, TreeFile } from '../git/repository.ts';
import type { SourceState } from '../plan/source-state.ts';

export type RolledBack = {
  readonly commit: Oid;
  readonly from: Oid;
  readonly to: Oid;
  readonly branch: string;
  /** Of the repository. */
  readonly location: string;
  /** The files that the commit changes, from the repository's root. */
  readonly paths: readonly string[];
};

/**
 * Commits the state that the source's path had at an earlier revision onto the branch. History stays: it is a revert, not
 * a reset. `revision` null: the newest applied revision before the branch's own.
 * UserError UNKNOWN_REVISION, NO_EARLIER_REVISION, NOTHING_TO_ROLL_BACK; WorldError BRANCH_RACED.
 */
export async function rollBack(options: {
  readonly repository: GitRepository;
  readonly state: SourceState;
  readonly revision: string | null;
  readonly now: EpochMs;
}): Promise<RolledBack> {
  const { repository, state } = options;
  const { branch, path } = state.spec;
  let target: CommitInfo | null = null;
  for (let attempt = 0; attempt < limits.statusPublishAttemptsMax; attempt += 1) {
    await repository.fetch([branch]);
    const head = await repository.resolve(`refs/heads/${branch}`);
    if (head === null) throw new UserError('NO_EARLIER_REVISION', `${branch} has no commit yet`);
    // Once: what somebody pushes meanwhile does not change where the user wanted to go.
    target ??= await targetOf(repository, state, options.revision, head);
    const changes = await changesBetween(repository, { from: head, to: target.oid, path });
    if (changes.length === 0)
      throw new UserError(
        'NOTHING_TO_ROLL_BACK',
        `${branch} says already what ${target.oid.slice(0, 10)} said`,
      );
    const commit = await repository.writeCommit({
      parents: [head],
      baseCommit: head,
      changes,
      message: commitMessage({
        subject: `Roll back to ${target.oid.slice(0, 10)}: ${subjectOf(target.message)}`,
        trailers: [
          { key: 'Pintle-Rollback-From', value: head },
          { key: 'Pintle-Rollback-To', value: target.oid },
        ],
      }),
      author: { name: 'Pintle', email: 'pintle@localhost', atMs: options.now },
    });
    if ((await repository.publish(branch, commit, head)) === 'published')
      return {
        ...{ commit, from: head, to: target.oid, branch, location: repository.location },
        paths: changes.map((change) => change.path),
      };
  }
  throw new WorldError('BRANCH_RACED', `others keep moving ${branch}`);
}

async function targetOf(
  repository: GitRepository,
  state: SourceState,
  revision: string | null,
  head: Oid,
): Promise<CommitInfo> {
  const named = revision ?? state.history.find((entry) => entry.revision !== head)?.revision;
  if (named === undefined)
    throw new UserError(
      'NO_EARLIER_REVISION',
      'no earlier revision was applied; name one: pintle rollback REVISION',
    );
  const oid = await repository.resolve(named);
  if (oid === null)
    throw new UserError('UNKNOWN_REVISION', `there is no revision ${named} in ${repository.location}`);
  return repository.commit(oid);
}

/** Links and submodules are nothing that Pintle reads, and a link's text is no file. */
function isPlain({ mode }: TreeFile): boolean {
  return mode === 'file' || mode === 'executable';
}

/** The changes that make the files of `path` at `from` what they are at `to`. */
export async function changesBetween(
  repository: GitRepository,
  { from, to, path }: { readonly from: Oid; readonly to: Oid; readonly path: string },
): Promise<readonly FileChange[]> {
  const [before, after] = await Promise.all([repository.listTree(from, path), repository.listTree(to, path)]);
  const wanted = new Map(after.map((file) => [file.path, file]));
  const present = new Map(before.map((file) => [file.path, file]));
  const differing = after.filter((file) => isPlain(file) && present.get(file.path)?.oid !== file.oid);
  const blobs = await repository.readBlobs(
    [...new Set(differing.map(({ oid }) => oid))],
    limits.manifestBytesMax,
  );
  const written = differing.map(({ path: at, oid }): FileChange => {
    const blob = blobs.get(oid);
    if (blob?.kind !== 'bytes')
      throw new UserError(
        'FILE_UNREADABLE',
        `${at} at ${to.slice(0, 10)} cannot be read back (${blob?.kind ?? 'missing'})`,
      );
    return { path: at, bytes: blob.bytes };
  });
  const removed = before
    .filter((file) => isPlain(file) && !wanted.has(file.path))
    .map(({ path: at }): FileChange => ({ path: at, bytes: null }));
  assert(
    new Set([...written, ...removed].map((change) => change.path)).size === written.length + removed.length,
    'a path changes once',
  );
  return [...written, ...removed];
}
