import { closeSync, fstatSync, lstatSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { codeOf, UserError } from '../../lib/base/errors.ts';
import { limits } from '../../lib/base/limits.ts';
import { formatOfPath, isKustomization } from '../../lib/manifests/foreign-file.ts';
import type { SourceFile } from '../../lib/manifests/manifest-set.ts';

const SKIPPED: ReadonlySet<string> = new Set(['.git', 'node_modules']);

/**
 * The files of manifests at and below `paths`, each once. Synchronous: a process that does nothing else reads thousands of small
 * files fastest so. Symbolic links are told, never followed (but for a path that is named itself).
 *
 * @throws {UserError} PATH_MISSING, TOO_MANY_FILES
 */
export function diskFiles(paths: readonly string[], cwd: string): readonly SourceFile[] {
  const walk = new Walk(cwd);
  for (const path of paths) walk.start(resolve(cwd, path), path);
  return [...walk.files.values()];
}

class Walk {
  readonly files = new Map<string, SourceFile>();
  readonly #cwd: string;

  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  start(absolute: string, shown: string): void {
    let isDirectory: boolean;
    try {
      isDirectory = statSync(absolute).isDirectory();
    } catch (thrown) {
      const code = codeOf(thrown) ?? 'unknown';
      const why = code === 'ENOENT' ? 'there is no file or directory' : `${code}: cannot read`;
      throw new UserError('PATH_MISSING', `${why} ${shown}`, { path: shown });
    }
    if (isDirectory) this.#directory(absolute, 0);
    else this.#file(absolute);
  }

  #directory(absolute: string, depth: number): void {
    if (depth > limits.validateDirectoriesDeepMax) {
      throw new UserError('TOO_MANY_FILES', `${this.#name(absolute)} is nested too deeply`, {});
    }
    const entries = readdirSync(absolute, { withFileTypes: true });
    if (depth > 0 && entries.some(({ name }) => name === '.git')) {
      this.#keep(absolute, { bytes: null, unread: 'submodule' });
      return;
    }
    for (const entry of entries) {
      if (SKIPPED.has(entry.name)) continue;
      const below = join(absolute, entry.name);
      if (entry.isDirectory()) this.#directory(below, depth + 1);
      else if (entry.isSymbolicLink() && isDirectory(below))
        this.#keep(below, { bytes: null, unread: 'symlink' });
      else if (formatOfPath(entry.name) !== undefined || isKustomization(entry.name)) {
        if (entry.isSymbolicLink()) this.#keep(below, { bytes: null, unread: 'symlink' });
        else if (entry.isFile()) this.#file(below);
      }
    }
  }

  #file(absolute: string): void {
    this.#keep(absolute, readBounded(absolute));
  }

  #keep(absolute: string, content: Pick<SourceFile, 'bytes' | 'unread' | 'sizeBytes'>): void {
    if (this.files.size >= limits.validateFilesMax) {
      throw new UserError('TOO_MANY_FILES', `more than ${limits.validateFilesMax} files`, {});
    }
    const path = this.#name(absolute);
    this.files.set(path, { path, blob: path, ...content });
  }

  /** Relative to the working directory where that is not longer. */
  #name(absolute: string): string {
    const near = relative(this.#cwd, absolute);
    return near === '' ? '.' : near.startsWith('..') ? absolute : near;
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // A link that leads nowhere, or round in a circle.
    return false;
  }
}

type Content = Pick<SourceFile, 'bytes' | 'unread' | 'sizeBytes'>;

function readBounded(absolute: string): Content {
  let handle: number | null = null;
  try {
    // Opening a pipe would wait for a writer.
    if (!lstatSync(absolute).isFile() && !statSync(absolute).isFile())
      return { bytes: null, unread: 'missing' };
    handle = openSync(absolute, 'r');
    const sizeBytes = fstatSync(handle).size;
    if (sizeBytes > limits.manifestBytesMax) return { bytes: null, unread: 'too-large', sizeBytes };
    return { bytes: readFileSync(handle) };
  } catch (thrown) {
    // Gone since it was listed, or not ours to read: told as a problem of this file.
    if (codeOf(thrown) === undefined) throw thrown;
    return { bytes: null, unread: 'missing' };
  } finally {
    if (handle !== null) closeSync(handle);
  }
}
