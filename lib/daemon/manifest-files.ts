import { posix } from 'node:path';
import { limits } from '../base/limits.ts';
import type { GitRepository, TreeFile } from '../git/repository.ts';
import { isKustomization } from '../manifests/foreign-file.ts';

/** Files that could hold manifests; everything else of a tree is not even read. */
const MANIFEST = /\.(ya?ml|json)$/i;

/** What of a tree is read, or would be if it were followed: a submodule, a link to a directory, a kustomization. */
export async function manifestFiles(
  repository: GitRepository,
  tree: readonly TreeFile[],
): Promise<readonly TreeFile[]> {
  const links = await linkedDirectories(repository, tree);
  return tree.filter(
    (file) =>
      MANIFEST.test(file.path) ||
      file.mode === 'submodule' ||
      isKustomization(file.path) ||
      links.has(file.path),
  );
}

/** Symlinks that lead to a directory of the tree: somebody may expect its manifests to count twice. */
async function linkedDirectories(
  repository: GitRepository,
  tree: readonly TreeFile[],
): Promise<ReadonlySet<string>> {
  const links = tree.filter(({ mode, path }) => mode === 'symlink' && !MANIFEST.test(path));
  if (links.length === 0) return new Set();
  const directories = new Set(['.', ...tree.flatMap(({ path }) => directoriesAbove(path))]);
  const targets = await repository.readBlobs(
    links.map(({ oid }) => oid),
    limits.symlinkBytesMax,
  );
  const leadsToDirectory = ({ path, oid }: TreeFile): boolean => {
    const target = targets.get(oid);
    if (target?.kind !== 'bytes') return false;
    const text = Buffer.from(target.bytes).toString('utf8').replace(/\/+$/, '');
    return directories.has(posix.normalize(posix.join(posix.dirname(path), text)));
  };
  return new Set(links.filter(leadsToDirectory).map(({ path }) => path));
}

function directoriesAbove(path: string): readonly string[] {
  const directories: string[] = [];
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
    directories.push(path.slice(0, at));
  return directories;
}
