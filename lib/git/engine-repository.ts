import { UserError, WorldError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { formatCommit, parseCommit } from './commit-object.ts';
import { editTree } from './edit-tree.ts';
import type { GitEngine, GitRemote, NewObject, ObjectRead } from './engine.ts';
import { fetchMirror } from './fetch-mirror.ts';
import { listTree } from './list-tree.ts';
import { hashObject, isOid } from './object-id.ts';
import { branchRef } from './ref-name.ts';
import type { Blob, CommitInfo, GitRepository, NewCommit, Oid, TreeFile } from './repository.ts';
import { resolveRevision } from './resolve-revision.ts';
import { TreeReader } from './tree-reader.ts';

export type EngineRepositoryOptions = {
  readonly location: string;
  readonly engine: GitEngine;
  /** null: the repository is local. */
  readonly remote: GitRemote | null;
  /** Throws WorldError REPOSITORY_MISSING when the repository is no longer there. */
  readonly assertPresent: () => Promise<void>;
  readonly watch: GitRepository['watch'];
  readonly close: () => Promise<void>;
};

/** The repository port over an engine: what is the same for every way of reading git. */
export class EngineRepository implements GitRepository {
  readonly location: string;
  readonly remote: boolean;
  readonly watch: GitRepository['watch'];
  readonly #options: EngineRepositoryOptions;
  readonly #engine: GitEngine;
  readonly #trees: TreeReader;

  constructor(options: EngineRepositoryOptions) {
    this.location = options.location;
    this.remote = options.remote !== null;
    this.watch = options.watch;
    this.#options = options;
    this.#engine = options.engine;
    this.#trees = new TreeReader(options.engine);
  }

  async branches(): Promise<readonly string[]> {
    const { remote } = this.#options;
    const prefix = 'refs/heads/';
    const refs =
      remote === null ? await this.#engine.listRefs(prefix) : await remote.listRefs({ tags: false });
    return [...refs.keys()]
      .filter((ref) => ref.startsWith(prefix))
      .map((ref) => ref.slice(prefix.length))
      .sort();
  }

  /** @throws {UserError} INVALID_REVISION, AMBIGUOUS_REVISION */
  async resolve(revision: string): Promise<Oid | null> {
    const oid = await resolveRevision(this.#engine, revision);
    // Nothing there and no repository there look the same to a reader of references.
    if (oid === null) await this.#options.assertPresent();
    return oid;
  }

  /** @throws {WorldError} GIT_FAILED with data.reason 'missing-object' when it is not there (any more) */
  async commit(oid: Oid): Promise<CommitInfo> {
    assertOid(oid);
    const [answer] = await this.#engine.read([oid], limits.commitObjectBytesMax);
    if (answer?.kind === 'object' && answer.type === 'commit') return parseCommit(oid, answer.bytes);
    await this.#options.assertPresent();
    throw new WorldError('GIT_FAILED', `${this.location} has no commit ${oid}`, {
      oid,
      reason: 'missing-object',
    });
  }

  /** Ends early where history was collected or is shallow. */
  async log(from: Oid, max: number): Promise<readonly CommitInfo[]> {
    const commits: CommitInfo[] = [];
    let next: Oid | undefined = from;
    while (next !== undefined && commits.length < Math.min(max, limits.logCommitsMax)) {
      const info: CommitInfo | null = commits.length === 0 ? await this.commit(next) : await this.#find(next);
      if (info === null) break;
      commits.push(info);
      next = info.parents[0];
    }
    return commits;
  }

  /** False also when either commit is not there. */
  async isAncestor(ancestor: Oid, of: Oid): Promise<boolean> {
    assertOid(ancestor);
    assertOid(of);
    if (ancestor === of) return (await this.#find(of)) !== null;
    if ((await this.#find(ancestor)) === null || (await this.#find(of)) === null) return false;
    return this.#engine.isAncestor(ancestor, of);
  }

  async listTree(commit: Oid, directory: string): Promise<readonly TreeFile[]> {
    return listTree(this.#trees, (await this.commit(commit)).tree, directory);
  }

  async readBlobs(oids: readonly Oid[], bytesMax: number): Promise<ReadonlyMap<Oid, Blob>> {
    oids.forEach(assertOid);
    const unique = [...new Set(oids)];
    const answers = await this.#engine.read(unique, bytesMax);
    return new Map(unique.map((oid, at) => [oid, blobOf(answers[at])]));
  }

  async writeCommit(commit: NewCommit): Promise<Oid> {
    const { reader, format } = { reader: this.#trees, format: this.#engine.format };
    const base = commit.baseCommit === null ? null : (await this.commit(commit.baseCommit)).tree;
    const edited = await editTree({ reader, base, changes: commit.changes, format });
    const { parents, author, message } = commit;
    const object: NewObject = {
      type: 'commit',
      bytes: formatCommit({ tree: edited.tree, parents, author, message }),
    };
    await this.#engine.writeObjects([...edited.objects, object]);
    return hashObject(object.type, object.bytes, format);
  }

  async publish(branch: string, to: Oid, expected: Oid | null): Promise<'published' | 'raced'> {
    const ref = branchRef(branch);
    await this.commit(to);
    const { remote } = this.#options;
    if (remote === null) {
      return (await this.#engine.moveRef({ ref, to, expected })) === 'moved' ? 'published' : 'raced';
    }
    const pushed = await remote.pushRef({ ref, to, expected });
    // CRASH: the remote has the commit and the mirror does not say so; the next fetch does.
    if (pushed === 'published') await this.#engine.moveRef({ ref, to, expected: 'any' });
    return pushed;
  }

  async fetch(branches: readonly string[]): Promise<void> {
    const { remote } = this.#options;
    if (remote !== null) await fetchMirror({ engine: this.#engine, remote, branches });
  }

  close(): Promise<void> {
    return this.#options.close();
  }

  async #find(oid: Oid): Promise<CommitInfo | null> {
    const [answer] = await this.#engine.read([oid], limits.commitObjectBytesMax);
    return answer?.kind === 'object' && answer.type === 'commit' ? parseCommit(oid, answer.bytes) : null;
  }
}

function blobOf(answer: ObjectRead | undefined): Blob {
  if (answer === undefined || answer.kind === 'missing' || answer.type !== 'blob') return { kind: 'missing' };
  if (answer.kind === 'too-large') return { kind: 'too-large', sizeBytes: answer.sizeBytes };
  return { kind: 'bytes', bytes: answer.bytes };
}

function assertOid(oid: Oid): void {
  if (!isOid(oid)) {
    const shown = JSON.stringify(oid.slice(0, 80));
    throw new UserError('INVALID_REVISION', `${shown} is not an object name`, { revision: oid.slice(0, 80) });
  }
}
