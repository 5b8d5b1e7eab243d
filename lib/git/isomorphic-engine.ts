import fs from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { expandOid, readObject } from 'isomorphic-git';
import type { Clock } from '../base/clock.ts';
import { codeOf, InvariantError, messageOf, UserError, WorldError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { parseCommit } from './commit-object.ts';
import type { GitEngine, ObjectRead } from './engine.ts';
import { IsomorphicStore } from './isomorphic-store.ts';
import type { RepositoryPlace } from './locate-repository.ts';
import { readLooseObject, writeLooseObject } from './loose-object.ts';
import { moveRefFile } from './move-ref-file.ts';
import { RefFiles } from './ref-files.ts';
import type { Oid } from './repository.ts';

export type IsomorphicEngine = GitEngine & { readonly store: IsomorphicStore };

/** Reads under way at once; more do not help, reading packs is bound by the processor. */
const READS_AT_ONCE = 16;

/**
 * The engine that needs no git. isomorphic-git reads packs; references and single objects are files,
 * read and written here, because it moves references without comparing and writes objects in place.
 *
 * @throws {UserError} UNSUPPORTED_REPOSITORY for what only git reads
 */
export async function isomorphicEngine(options: {
  readonly place: RepositoryPlace;
  readonly location: string;
  readonly clock: Clock;
}): Promise<IsomorphicEngine> {
  const { place, location, clock } = options;
  const gitdir = place.commonDirectory;
  assertSupported(place, location);
  const store = new IsomorphicStore({ gitdir, location });
  const refs = new RefFiles(place);

  const read = async (oids: readonly Oid[], bytesMax: number): Promise<readonly ObjectRead[]> => {
    const answers: ObjectRead[] = [];
    for (let at = 0; at < oids.length; at += READS_AT_ONCE) {
      const some = oids.slice(at, at + READS_AT_ONCE);
      answers.push(...(await Promise.all(some.map((oid) => readOne(store, oid, bytesMax)))));
    }
    return answers;
  };

  /** A full disk or a lost permission is the world's failure here too. */
  const guard = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (thrown) {
      throw failed(location, thrown);
    }
  };

  return {
    kind: 'isomorphic',
    format: 'sha1',
    store,
    read: (oids, bytesMax) => guard(read(oids, bytesMax)),
    readRef: (ref) => guard(refs.read(ref)),
    listRefs: (prefix) => guard(refs.list(prefix)),

    async expandOid(prefix) {
      try {
        return await expandOid({ fs, gitdir, oid: prefix, cache: await store.cacheFor(1) });
      } catch (thrown) {
        if (codeOf(thrown) === 'NotFoundError') return null;
        if (codeOf(thrown) !== 'AmbiguousError') throw failed(location, thrown);
        const message = `several objects begin with ${prefix}: write more of its name`;
        throw new UserError('AMBIGUOUS_REVISION', message, { revision: prefix });
      }
    },

    async writeObjects(objects) {
      for (const object of objects) await guard(writeLooseObject(gitdir, object));
    },

    moveRef: (move) => guard(moveRefFile(refs, move, { clock, commonDirectory: gitdir })),
    isAncestor: (ancestor, of) => guard(isAncestor(read, ancestor, of)),

    async pointHead(ref) {
      const head = refs.pathOf('HEAD');
      await writeFile(`${head}.lock`, `ref: ${ref}\n`);
      await rename(`${head}.lock`, head);
    },

    refresh: () => store.refresh(),
    close: async () => {},
  };
}

async function readOne(store: IsomorphicStore, oid: Oid, bytesMax: number): Promise<ObjectRead> {
  const loose = await readLooseObject(store.gitdir, oid, bytesMax);
  if (loose !== null) return loose;
  const cache = await store.cacheFor(1);
  try {
    const found = await readObject({ fs, gitdir: store.gitdir, oid, format: 'content', cache });
    if (found.type !== 'commit' && found.type !== 'tree' && found.type !== 'blob' && found.type !== 'tag') {
      throw new WorldError('GIT_FAILED', `the object ${oid} is of no known type`, { oid });
    }
    const bytes = found.object;
    if (!(bytes instanceof Uint8Array)) throw new WorldError('GIT_FAILED', `${oid} has no bytes`, { oid });
    if (bytes.length > bytesMax) return { kind: 'too-large', type: found.type, sizeBytes: bytes.length };
    return { kind: 'object', type: found.type, bytes };
  } catch (thrown) {
    if (codeOf(thrown) === 'NotFoundError') return { kind: 'missing' };
    throw failed(store.location, thrown);
  }
}

/** Breadth first over all parents. @throws {WorldError} GIT_FAILED past limits.ancestryCommitsMax */
async function isAncestor(read: GitEngine['read'], ancestor: Oid, of: Oid): Promise<boolean> {
  const seen = new Set<Oid>([of]);
  let level: readonly Oid[] = [of];
  while (level.length > 0) {
    if (seen.has(ancestor)) return true;
    if (seen.size > limits.ancestryCommitsMax) {
      throw new WorldError('GIT_FAILED', 'the history is too long to search without git', { ancestor, of });
    }
    const next: Oid[] = [];
    for (const [at, answer] of (await read(level, limits.commitObjectBytesMax)).entries()) {
      const oid = level[at];
      if (oid === undefined || answer.kind !== 'object' || answer.type !== 'commit') continue;
      for (const parent of parseCommit(oid, answer.bytes).parents) {
        if (!seen.has(parent)) next.push(parent);
        seen.add(parent);
      }
    }
    level = next;
  }
  return false;
}

function assertSupported(place: RepositoryPlace, location: string): void {
  const alternates = `${place.commonDirectory}/objects/info/alternates`;
  const reasons = [
    { is: place.format === 'sha256', what: 'names its objects by SHA-256' },
    { is: place.reftable, what: 'keeps its references in tables' },
    { is: fs.existsSync(alternates), what: 'borrows objects from another repository' },
  ];
  const found = reasons.find((reason) => reason.is);
  if (found === undefined) return;
  const message = `${location} ${found.what}: only git reads that, install git on this machine`;
  throw new UserError('UNSUPPORTED_REPOSITORY', message, { location });
}

function failed(location: string, thrown: unknown): Error {
  const ours =
    thrown instanceof WorldError || thrown instanceof UserError || thrown instanceof InvariantError;
  if (ours) return thrown;
  const message = `reading ${location}: ${messageOf(thrown)}`;
  return new WorldError('GIT_FAILED', message, { location, reason: codeOf(thrown) }, thrown);
}
