/** A SHA-1 object name in hex. */
export type Oid = string;

export type TreeFile = {
  /** From the repository's root, with `/`. */
  readonly path: string;
  readonly oid: Oid;
  readonly mode: 'file' | 'executable' | 'symlink' | 'submodule';
};

export type Signature = { readonly name: string; readonly email: string; readonly atMs: number };

export type CommitInfo = {
  readonly oid: Oid;
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
};

export type Blob =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'too-large'; readonly sizeBytes: number }
  | { readonly kind: 'missing' };

/** `bytes: null` removes the path. */
export type FileChange = { readonly path: string; readonly bytes: Uint8Array | null };

export type NewCommit = {
  readonly parents: readonly Oid[];
  /** The tree to start from; null: an empty tree. */
  readonly baseCommit: Oid | null;
  readonly changes: readonly FileChange[];
  readonly message: string;
  readonly author: Signature;
};

/**
 * Port: one git repository, local or a mirror of a remote. No working tree is ever touched, no hook is run.
 * World failures: WorldError REMOTE_DOWN | AUTH_REFUSED | PUSH_REJECTED | REPOSITORY_MISSING | GIT_FAILED.
 */
export interface GitRepository {
  /** For messages: the path or URL, credentials removed. */
  readonly location: string;
  readonly remote: boolean;
  /** The names of all branches, sorted; a remote one is asked. */
  branches(): Promise<readonly string[]>;
  /** A branch name, a full ref, HEAD, or a (possibly short) oid → the commit; null when there is none. */
  resolve(revision: string): Promise<Oid | null>;
  commit(oid: Oid): Promise<CommitInfo>;
  /** First-parent history of `from`, newest first, `max` at most, `from` included. */
  log(from: Oid, max: number): Promise<readonly CommitInfo[]>;
  isAncestor(ancestor: Oid, of: Oid): Promise<boolean>;
  /** Every file under `directory` ('' = root) at a commit, sorted by path. A directory that is not there is empty. */
  listTree(commit: Oid, directory: string): Promise<readonly TreeFile[]>;
  /** Blobs by oid. Larger ones than `bytesMax` are not read. */
  readBlobs(oids: readonly Oid[], bytesMax: number): Promise<ReadonlyMap<Oid, Blob>>;
  /** Writes objects and a commit; moves no ref. */
  writeCommit(commit: NewCommit): Promise<Oid>;
  /**
   * Moves a branch where its readers see it (local: the ref itself; remote: push), if it is still at `expected`
   * (null: must not exist). 'raced' when it is not.
   */
  publish(branch: string, to: Oid, expected: Oid | null): Promise<'published' | 'raced'>;
  /** Remote: brings the branches up to date (forced updates followed, deleted ones dropped). Local: nothing to do. */
  fetch(branches: readonly string[]): Promise<void>;
  /** Local: calls `onChange` soon after any ref may have moved (packing too: resolve again). Remote: never calls. */
  watch(onChange: () => void): Promise<{ close(): Promise<void> }>;
  close(): Promise<void>;
}
