import { UserError } from '../base/errors.ts';
import type { CommitInfo, GitRepository, Oid, TreeFile } from '../git/repository.ts';
import type { ManifestSet, SourceFile } from '../manifests/manifest-set.ts';
import { ParseCache } from '../manifests/parse-cache.ts';
import { readManifests } from '../manifests/read-manifests.ts';
import type { Kind, Schema } from '../schema/schema.ts';
import { manifestFiles } from './manifest-files.ts';
import { readBounded } from './read-bounded.ts';

export type SourceReader = {
  /** The branch's newest commit and what it says; head null (and nothing desired) while the branch has no commit. */
  read(): Promise<{ readonly head: CommitInfo | null; readonly desired: ManifestSet }>;
  /** What a commit says. UserError UNKNOWN_REVISION when there is none by that name. */
  readAt(revision: string): Promise<{ readonly commit: CommitInfo; readonly desired: ManifestSet }>;
};

const nothing: ManifestSet = { objects: [], rejected: [], problems: [], unparsedFiles: [], filesRead: 0 };

/** Reads manifests out of the object database. What a blob says is kept by its oid, so a commit costs what it changed. */
export function sourceReader(options: {
  readonly repository: GitRepository;
  readonly branch: string;
  readonly path: string;
  readonly schema: Schema;
  readonly allowHostAccess: boolean;
}): SourceReader {
  const { repository, branch } = options;
  const cache = new ParseCache();
  const reading = {
    schema: options.schema,
    defaultNamespace: 'default',
    allowHostAccess: options.allowHostAccess,
  };
  let last: {
    readonly head: CommitInfo;
    readonly desired: ManifestSet;
    readonly kinds: readonly Kind[];
  } | null = null;

  const manifestsAt = async (commit: Oid): Promise<ManifestSet> => {
    const whole = await repository.listTree(commit, options.path);
    if (whole.length === 0 && options.path !== '') return noDirectory(options.path);
    const tree = await manifestFiles(repository, whole);
    const unknown = tree.filter(
      (file) => isPlain(file) && !cache.holds({ path: file.path, blob: file.oid }, reading),
    );
    const blobs = await readBounded(repository, [...new Set(unknown.map(({ oid }) => oid))]);
    const files = tree.map((file): SourceFile => {
      const named = { path: file.path, blob: file.oid, bytes: null };
      if (file.mode === 'symlink' || file.mode === 'submodule') return { ...named, unread: file.mode };
      const blob = blobs.get(file.oid);
      if (blob === undefined) return cache.holds(named, reading) ? named : { ...named, unread: 'too-large' };
      if (blob.kind === 'bytes') return { ...named, bytes: blob.bytes };
      return blob.kind === 'too-large'
        ? { ...named, unread: 'too-large', sizeBytes: blob.sizeBytes }
        : { ...named, unread: 'missing' };
    });
    return readManifests(files, { ...reading, cache });
  };
  return {
    async read() {
      const oid = await repository.resolve(`refs/heads/${branch}`);
      if (oid === null) {
        last = null;
        return { head: null, desired: nothing };
      }
      // Custom resources are read by the definitions that are live: of other kinds, the same commit says something else.
      const { kinds } = options.schema;
      if (last?.head.oid !== oid || last.kinds !== kinds)
        last = { head: await repository.commit(oid), desired: await manifestsAt(oid), kinds };
      return last;
    },
    async readAt(revision) {
      const oid = await repository.resolve(revision);
      if (oid === null)
        throw new UserError(
          'UNKNOWN_REVISION',
          `there is no revision ${revision} in ${repository.location}`,
          { revision },
        );
      return { commit: await repository.commit(oid), desired: await manifestsAt(oid) };
    },
  };
}

/** Nothing is desired, and nothing is pruned either: most likely the name is wrong, or the directory was moved. */
function noDirectory(path: string): ManifestSet {
  const message = `There is no directory ${path} in this commit (--path): nothing is applied or deleted.`;
  const place = { file: path, position: { line: 1, column: 1 }, path: [] };
  const problem = { ...place, ruleId: 'missing-directory', severity: 'error', message } as const;
  return { ...nothing, problems: [problem], unparsedFiles: [path] };
}

function isPlain({ mode }: TreeFile): boolean {
  return mode === 'file' || mode === 'executable';
}
