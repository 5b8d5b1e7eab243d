import type { EpochMs } from '../base/clock.ts';
import { deepEqual } from '../base/json.ts';
import { limits } from '../base/limits.ts';
import { commitMessage } from '../git/commit-message.ts';
import type { FileChange, GitRepository, Oid } from '../git/repository.ts';
import type { ManifestSet } from '../manifests/manifest-set.ts';
import type { ComponentHold } from '../plan/hold.ts';
import type { InventoryRow } from '../plan/inventory.ts';
import { normalised } from '../plan/normalise.ts';
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
  for (const [path, commits] of files.byPath) {
    const commit = await newestOf(repository, commits);
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

/** The files to restore, each with the commits at which one of its objects became what it was when all was good. */
function filesOf({
  hold,
  desired,
  inventory,
}: Parameters<typeof restoreComponent>[0]):
  | { readonly byPath: ReadonlyMap<string, ReadonlySet<Oid>> }
  | { readonly reason: string } {
  const held = new Set(hold.refs.map(refKey));
  const said = new Map(desired.objects.map((manifest) => [refKey(manifest.ref), manifest]));
  const rows = hold.refs.flatMap((ref) => inventory.get(refKey(ref)) ?? []);
  const changed = new Set<string>();
  const byPath = new Map<string, Set<Oid>>();
  for (const { ref, good, path } of rows) {
    if (good === null) continue;
    const manifest = said.get(refKey(ref));
    const file = manifest?.path ?? path;
    byPath.set(file, (byPath.get(file) ?? new Set()).add(good.commit));
    if (manifest === undefined || !deepEqual(normalised(manifest.object), good.object)) changed.add(file);
  }
  for (const path of changed) {
    const stranger = desired.objects.find((object) => object.path === path && !held.has(refKey(object.ref)));
    if (stranger !== undefined)
      return { reason: `${path} holds ${refText(stranger.ref)} too, which has nothing to do with it` };
  }
  if (changed.size === 0) return { reason: 'none of its files has an earlier good version' };
  return { byPath: new Map([...byPath].filter(([path]) => changed.has(path))) };
}

/** The file at the newest of these commits has every object as it was good: none of them changed after its own. */
async function newestOf(repository: GitRepository, commits: ReadonlySet<Oid>): Promise<Oid> {
  const [first = '', ...others] = commits;
  let newest = first;
  for (const commit of others) if (await repository.isAncestor(newest, commit)) newest = commit;
  return newest;
}

async function fileAt(repository: GitRepository, commit: Oid, path: string): Promise<Uint8Array | null> {
  const directory = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
  const file = (await repository.listTree(commit, directory)).find((each) => each.path === path);
  if (file === undefined) return null;
  const blob = (await repository.readBlobs([file.oid], limits.manifestBytesMax)).get(file.oid);
  return blob?.kind === 'bytes' ? blob.bytes : null;
}
