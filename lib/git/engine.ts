import type { ObjectFormat, ObjectType } from './object-id.ts';
import type { Oid } from './repository.ts';

export type ObjectRead =
  | { readonly kind: 'object'; readonly type: ObjectType; readonly bytes: Uint8Array }
  | { readonly kind: 'too-large'; readonly type: ObjectType; readonly sizeBytes: number }
  | { readonly kind: 'missing' };

export type NewObject = { readonly type: ObjectType; readonly bytes: Uint8Array };

export type RefMove = {
  /** A full reference. */
  readonly ref: string;
  /** null deletes. */
  readonly to: Oid | null;
  /** null: must not exist. 'any': whatever it holds. */
  readonly expected: Oid | null | 'any';
};

/** Port: the object database and references of one local repository, by one way of reading them. */
export interface GitEngine {
  readonly kind: 'git' | 'isomorphic';
  readonly format: ObjectFormat;
  /** HEAD or a full reference → the object it names (a tag is not peeled); null when there is none. */
  readRef(ref: string): Promise<Oid | null>;
  /** Full references under a prefix that ends in '/', with what they hold. */
  listRefs(prefix: string): Promise<ReadonlyMap<string, Oid>>;
  /** @throws {UserError} AMBIGUOUS_REVISION */
  expandOid(prefix: string): Promise<Oid | null>;
  /** One answer per oid, in order. */
  read(oids: readonly Oid[], bytesMax: number): Promise<readonly ObjectRead[]>;
  writeObjects(objects: readonly NewObject[]): Promise<void>;
  /** Compare and swap, safe against other processes. Already at `to` is 'moved'. */
  moveRef(move: RefMove): Promise<'moved' | 'raced'>;
  isAncestor(ancestor: Oid, of: Oid): Promise<boolean>;
  /** Points HEAD at a branch. For mirrors only: a user's HEAD is the user's. */
  pointHead(ref: string): Promise<void>;
  /** Forgets what it holds about packs and references (a mirror was fetched into). */
  refresh(): void;
  close(): Promise<void>;
}

/** Port: the far side of a mirror. World failures: REMOTE_DOWN, AUTH_REFUSED, REPOSITORY_MISSING, GIT_FAILED. */
export interface GitRemote {
  listRefs(options: { readonly tags: boolean }): Promise<ReadonlyMap<string, Oid>>;
  /** The branch HEAD points at, as a full reference; null when there is none. */
  readHead(): Promise<string | null>;
  /** Brings these references of the mirror to what the remote has now, whatever they were. 'vanished': list again. */
  fetchRefs(refs: readonly string[]): Promise<'fetched' | 'vanished'>;
  /** @throws {WorldError} PUSH_REJECTED when the remote refuses for a reason of its own */
  pushRef(push: {
    readonly ref: string;
    readonly to: Oid;
    readonly expected: Oid | null;
  }): Promise<'published' | 'raced'>;
}
