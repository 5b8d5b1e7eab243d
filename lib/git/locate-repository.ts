import { open, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { codeOf, UserError, WorldError } from '../base/errors.ts';
import type { ObjectFormat } from './object-id.ts';

export type RepositoryPlace = {
  /** Where HEAD is: of a linked worktree, its own directory. */
  readonly gitDirectory: string;
  /** Where objects, branches and configuration are. */
  readonly commonDirectory: string;
  readonly format: ObjectFormat;
  readonly reftable: boolean;
};

const POINTER_BYTES_MAX = 8192;
const CONFIG_BYTES_MAX = 1024 * 1024;

/**
 * Finds the git directory of a path: a bare repository, a working tree, a linked worktree, a submodule.
 * Nothing above the path is searched.
 *
 * @throws {WorldError} REPOSITORY_MISSING; @throws {UserError} UNSUPPORTED_REPOSITORY
 */
export async function locateRepository(path: string): Promise<RepositoryPlace> {
  const gitDirectory = (await gitDirectoryOf(path)) ?? (await ownDirectory(path));
  if (gitDirectory === null) {
    throw new WorldError('REPOSITORY_MISSING', `${path} is not a git repository`, { location: path });
  }
  const shared = await readPointer(join(gitDirectory, 'commondir'));
  const commonDirectory = shared === null ? gitDirectory : resolve(gitDirectory, shared);
  if (!(await isDirectory(join(commonDirectory, 'objects')))) {
    throw new WorldError('REPOSITORY_MISSING', `${path} belongs to no git repository`, { location: path });
  }
  const config = await readBounded(join(commonDirectory, 'config'), CONFIG_BYTES_MAX);
  const extension = (name: string): string => extensionOf(config ?? '', name);
  const format = extension('objectformat') || 'sha1';
  if (format !== 'sha1' && format !== 'sha256') {
    throw new UserError('UNSUPPORTED_REPOSITORY', `${path} names its objects by ${format}`, {
      location: path,
    });
  }
  return { gitDirectory, commonDirectory, format, reftable: extension('refstorage') === 'reftable' };
}

/** Throws WorldError REPOSITORY_MISSING when the repository that was located has gone. */
export async function assertPlacePresent(place: RepositoryPlace, shown: string): Promise<void> {
  const there = await Promise.all([
    isThere(join(place.gitDirectory, 'HEAD')),
    isDirectory(join(place.commonDirectory, 'objects')),
  ]);
  if (there.every(Boolean)) return;
  throw new WorldError('REPOSITORY_MISSING', `${shown} is no longer a git repository`, { location: shown });
}

/** `.git` of a working tree: the directory, or a file that names it. */
async function gitDirectoryOf(path: string): Promise<string | null> {
  const dotGit = join(path, '.git');
  if (await isGitDirectory(dotGit)) return dotGit;
  const pointed = (await readPointer(dotGit))?.match(/^gitdir: (.+)$/)?.[1];
  if (pointed === undefined) return null;
  const target = resolve(path, pointed);
  return (await isGitDirectory(target)) ? target : null;
}

async function ownDirectory(path: string): Promise<string | null> {
  return (await isGitDirectory(path)) ? path : null;
}

async function isGitDirectory(path: string): Promise<boolean> {
  if (!(await isThere(join(path, 'HEAD')))) return false;
  return (await isDirectory(join(path, 'objects'))) || (await readPointer(join(path, 'commondir'))) !== null;
}

/** A key of `[extensions]`, in lower case; '' when it is not set. */
function extensionOf(config: string, name: string): string {
  let section = '';
  let value = '';
  for (const line of config.split('\n')) {
    const trimmed = line.trim();
    if (trimmed.startsWith('[')) section = trimmed.toLowerCase();
    const equals = trimmed.indexOf('=');
    if (section !== '[extensions]' || equals < 0) continue;
    if (trimmed.slice(0, equals).trim().toLowerCase() === name) value = trimmed.slice(equals + 1).trim();
  }
  return value.toLowerCase();
}

async function readPointer(path: string): Promise<string | null> {
  const text = await readBounded(path, POINTER_BYTES_MAX);
  return text === null ? null : text.trim();
}

/** The beginning of a file as text; null when it is not one, or not there. */
async function readBounded(path: string, bytesMax: number): Promise<string | null> {
  try {
    if ((await stat(path)).size <= bytesMax) return await readFile(path, 'utf8');
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(bytesMax), 0, bytesMax, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (thrown) {
    return absent(thrown, path);
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (thrown) {
    return absent(thrown, path) !== null;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (thrown) {
    return absent(thrown, path) !== null;
  }
}

function absent(thrown: unknown, path: string): null {
  const code = codeOf(thrown);
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return null;
  const detail = `${basename(path)} cannot be read (${code ?? 'unknown'})`;
  throw new WorldError('GIT_FAILED', `${path}: ${detail}`, { location: path, reason: code }, thrown);
}
