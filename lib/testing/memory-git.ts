import { limits } from '../base/limits.ts';
import { parseCommit } from '../git/commit-object.ts';
import type { GitEngine, NewObject, ObjectRead } from '../git/engine.ts';
import { EngineRepository } from '../git/engine-repository.ts';
import { hashObject, type ObjectType } from '../git/object-id.ts';
import type { GitRepository, Oid } from '../git/repository.ts';

/** A git repository that is nowhere but in memory; whoever opens it sees the same. */
export type MemoryGit = {
  readonly objects: Map<Oid, { readonly type: ObjectType; readonly bytes: Uint8Array }>;
  /** Full references. */
  readonly refs: Map<string, Oid>;
  /** Told, in a microtask of their own, whenever a reference may have moved. */
  readonly watchers: Set<() => void>;
};

export function memoryGit(): MemoryGit {
  return { objects: new Map(), refs: new Map(), watchers: new Set() };
}

/** An independent copy: what happens to one does not happen to the other. Its watchers stay with the original. */
export function copyOfGit(git: MemoryGit): MemoryGit {
  return { objects: new Map(git.objects), refs: new Map(git.refs), watchers: new Set() };
}

/** Moves a reference whatever it holds (null deletes it), as a user's forced push does. */
export function forceRef(git: MemoryGit, ref: string, to: Oid | null): void {
  if (to === null) git.refs.delete(ref);
  else git.refs.set(ref, to);
  for (const watcher of git.watchers) queueMicrotask(watcher);
}

/** The port over a repository in memory: no files, no timers, so the same calls give the same answers in the same order. */
export function memoryRepository(git: MemoryGit): GitRepository {
  return new EngineRepository({
    location: '/memory/repository.git',
    engine: memoryEngine(git),
    remote: null,
    assertPresent: () => Promise.resolve(),
    async watch(onChange) {
      git.watchers.add(onChange);
      return {
        close() {
          git.watchers.delete(onChange);
          return Promise.resolve();
        },
      };
    },
    close: () => Promise.resolve(),
  });
}

/** Commits files onto a branch as a user would: null removes one. `orphan`: without a parent, with these files alone. */
export async function commitTo(
  git: MemoryGit,
  options: {
    readonly branch: string;
    readonly files: Readonly<Record<string, string | null>>;
    readonly message: string;
    readonly atMs: number;
    readonly orphan?: boolean;
  },
): Promise<Oid> {
  const repository = memoryRepository(git);
  const ref = `refs/heads/${options.branch}`;
  const head = options.orphan === true ? null : (git.refs.get(ref) ?? null);
  const oid = await repository.writeCommit({
    parents: head === null ? [] : [head],
    baseCommit: head,
    changes: Object.entries(options.files).map(([path, text]) => ({
      path,
      bytes: text === null ? null : Buffer.from(text),
    })),
    message: options.message,
    author: { name: 'Ada', email: 'ada@example.com', atMs: options.atMs },
  });
  forceRef(git, ref, oid);
  return oid;
}

function memoryEngine(git: MemoryGit): GitEngine {
  const read = async (oids: readonly Oid[], bytesMax: number): Promise<readonly ObjectRead[]> =>
    oids.map((oid) => {
      const object = git.objects.get(oid);
      if (object === undefined) return { kind: 'missing' };
      const { type, bytes } = object;
      if (bytes.length > bytesMax) return { kind: 'too-large', type, sizeBytes: bytes.length };
      return { kind: 'object', type, bytes };
    });
  return {
    kind: 'isomorphic',
    format: 'sha1',
    read,
    async readRef(ref) {
      return git.refs.get(ref === 'HEAD' ? 'refs/heads/main' : ref) ?? null;
    },
    async listRefs(prefix) {
      return new Map([...git.refs].filter(([ref]) => ref.startsWith(prefix)));
    },
    async expandOid(prefix) {
      return [...git.objects.keys()].find((oid) => oid.startsWith(prefix)) ?? null;
    },
    async writeObjects(objects: readonly NewObject[]) {
      for (const { type, bytes } of objects)
        git.objects.set(hashObject(type, bytes, 'sha1'), { type, bytes });
    },
    async moveRef({ ref, to, expected }) {
      const actual = git.refs.get(ref) ?? null;
      if (actual === to) return 'moved';
      if (expected !== 'any' && actual !== expected) return 'raced';
      forceRef(git, ref, to);
      return 'moved';
    },
    async isAncestor(ancestor, of) {
      const seen = new Set<Oid>();
      const left = [of];
      for (let oid = left.pop(); oid !== undefined; oid = left.pop()) {
        if (oid === ancestor) return true;
        const [answer] = seen.has(oid) ? [] : await read([oid], limits.commitObjectBytesMax);
        seen.add(oid);
        if (answer?.kind === 'object') left.push(...parseCommit(oid, answer.bytes).parents);
      }
      return false;
    },
    pointHead: () => Promise.resolve(),
    refresh: () => {},
    close: () => Promise.resolve(),
  };
}
