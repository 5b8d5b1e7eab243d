import type { EpochMs } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import { commitMessage } from '../git/commit-message.ts';
import type { FileChange, GitRepository, Oid } from '../git/repository.ts';
import type { ManifestSet } from '../manifests/manifest-set.ts';
import type { ComponentHold } from '../plan/hold.ts';
import type { InventoryRow } from '../plan/inventory.ts';
import { refKey, refText } from '../schema/object.ts';

export type Restored =
  | { readonly outcome: 'committed'; readonly commit: Oid }
  /** Left to people: the component's files cannot be restored without touching others, or are what they were. */
  | { readonly outcome: 'not-possible'; readonly reason: string }
  | { readonly outcome: 'raced' };

/**
 * `--on-failed-rollout commit`: brings the files of a failed component back to what they were when it was last good, in a
 * commit that names both revisions and the evidence. Only whole files, and only those that hold nothing else.
 */
export async function restoreComponent(options: {
  readonly repository: GitRepository;
  readonly branch: string;
  /** The commit that `desired` was read from: a branch that moved on is left alone. */
  readonly head: Oid;
  readonly hold: ComponentHold;
  readonly desired: ManifestSet;
  readonly inventory: ReadonlyMap<string, InventoryRow>;
  readonly now: EpochMs;
}): Promise<Restored> {
  const { repository, branch, head, hold } = options;
  const files = filesOf(options);
  if ('reason' in files) return { outcome: 'not-possible', reason: files.reason };
  const changes: FileChange[] = [];
  for (const [path, commit] of files.byPath) {
    const bytes = await fileAt(repository, commit, path);
    if (bytes === null)
      return { outcome: 'not-possible', reason: `${path} was not there at ${commit.slice(0, 10)}` };
    changes.push({ path, bytes });
  }
  const commit = await repository.writeCommit({
    parents: [head],
    baseCommit: head,
    changes,
    message: commitMessage({
      subject: `Take back ${refText(hold.cause)}: its rollout failed`,
      body: `${hold.evidence}\n\nFailed at ${hold.failedRevision}; last good at ${hold.goodRevisions.join(', ')}.`,
      trailers: [
        { key: 'Pintle-Failed-Revision', value: hold.failedRevision },
        ...hold.goodRevisions.map((value) => ({ key: 'Pintle-Good-Revision', value })),
      ],
    }),
    author: { name: 'Pintle', email: 'pintle@localhost', atMs: options.now },
  });
  return (await repository.publish(branch, commit, head)) === 'published'
    ? { outcome: 'committed', commit }
    : { outcome: 'raced' };
}

/** The files to restore, each with the commit it was good at. */
function filesOf({
  hold,
  desired,
  inventory,
}: Parameters<typeof restoreComponent>[0]):
  | { readonly byPath: ReadonlyMap<string, Oid> }
  | { readonly reason: string } {
  const held = new Set(hold.refs.map(refKey));
  const byPath = new Map<string, Oid>();
  for (const ref of hold.refs) {
    const row = inventory.get(refKey(ref));
    if (row?.good === undefined || row.good === null || row.good.commit === hold.failedRevision) continue;
    byPath.set(row.path, row.good.commit);
  }
  // A file is worth restoring only if one of its objects changed with the failed revision.
  for (const [path] of byPath) {
    const stranger = desired.objects.find((object) => object.path === path && !held.has(refKey(object.ref)));
    if (stranger !== undefined)
      return { reason: `${path} holds ${refText(stranger.ref)} too, which has nothing to do with it` };
  }
  return byPath.size === 0 ? { reason: 'none of its files has an earlier good version' } : { byPath };
}

async function fileAt(repository: GitRepository, commit: Oid, path: string): Promise<Uint8Array | null> {
  const directory = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
  const file = (await repository.listTree(commit, directory)).find((each) => each.path === path);
  if (file === undefined) return null;
  const blob = (await repository.readBlobs([file.oid], limits.manifestBytesMax)).get(file.oid);
  return blob?.kind === 'bytes' ? blob.bytes : null;
}
