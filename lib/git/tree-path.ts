import { UserError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';

/**
 * The components of a path that may be written into a tree. Refused: what leaves the tree, what a checkout
 * would put into `.git` on any file system, and names that a tree object cannot hold.
 *
 * @throws {UserError} INVALID_PATH
 */
export function splitTreePath(path: string): readonly string[] {
  const parts = path.split('/');
  if (parts.length > limits.treeDepthMax || path.includes('\0') || !parts.every(isWritableName)) {
    throw new UserError('INVALID_PATH', `${JSON.stringify(path.slice(0, 200))} cannot be a path in a tree`, {
      path: path.slice(0, 200),
    });
  }
  return parts;
}

function isWritableName(name: string): boolean {
  if (name === '' || name === '.' || name === '..' || Buffer.byteLength(name) > 255) return false;
  // `.git`, and the spellings that Windows and macOS file systems take for it.
  const folded = name.toLowerCase().replace(/[. ]+$/, '');
  return folded !== '.git' && folded !== 'git~1' && !folded.startsWith('.git:');
}

/**
 * The components of a directory to read; '' is the root, one '/' at either end is ignored.
 * @throws {UserError} INVALID_PATH
 */
export function splitDirectory(directory: string): readonly string[] {
  const trimmed = directory.replace(/^(?:\.?\/)+|\/+$/g, '');
  if (trimmed === '' || trimmed === '.') return [];
  const parts = trimmed.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..') || trimmed.includes('\0')) {
    throw new UserError('INVALID_PATH', `${JSON.stringify(directory)} is not a directory in the repository`, {
      path: directory.slice(0, 200),
    });
  }
  return parts;
}
