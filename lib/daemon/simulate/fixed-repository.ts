import { UserError } from '../../base/errors.ts';
import type { Blob, CommitInfo, GitRepository, Oid, TreeFile } from '../../git/repository.ts';

/** One commit with the files that could be manifests. */
export type FixedTree = {
  readonly commit: CommitInfo;
  readonly files: readonly TreeFile[];
  readonly blobs: ReadonlyMap<Oid, Blob>;
};

/**
 * A repository whose branch stands at one commit for good, and that nobody writes: what a simulation follows. It refuses to be a
 * place for status, which ends the status writer's trying.
 */
export function fixedRepository(options: {
  readonly location: string;
  readonly branch: string;
  readonly tree: FixedTree;
}): GitRepository {
  const { commit, files, blobs } = options.tree;
  const names = new Set(['HEAD', options.branch, `refs/heads/${options.branch}`, commit.oid]);
  const refuse = async (): Promise<never> => {
    throw new UserError('SIMULATED', 'a simulation writes nothing');
  };
  return {
    location: options.location,
    remote: false,
    branches: async () => [options.branch],
    resolve: async (revision) => (names.has(revision) ? commit.oid : null),
    commit: async () => commit,
    log: async () => [commit],
    isAncestor: async (ancestor) => ancestor === commit.oid,
    listTree: async (_oid, directory) =>
      files.filter(({ path }) => directory === '' || path.startsWith(`${directory}/`)),
    async readBlobs(oids, bytesMax) {
      return new Map(oids.map((oid) => [oid, boundedBlob(blobs.get(oid), bytesMax)]));
    },
    writeCommit: refuse,
    publish: refuse,
    fetch: async () => {},
    watch: async () => ({ close: async () => {} }),
    close: async () => {},
  };
}

function boundedBlob(blob: Blob | undefined, bytesMax: number): Blob {
  if (blob === undefined) return { kind: 'missing' };
  if (blob.kind !== 'bytes' || blob.bytes.byteLength <= bytesMax) return blob;
  return { kind: 'too-large', sizeBytes: blob.bytes.byteLength };
}
