import { WorldError } from '../base/errors.ts';
import type { ObjectFormat } from './object-id.ts';
import type { Oid } from './repository.ts';

export type TreeEntry = {
  /** The bytes of the name, one character each (latin1): nothing is lost when a tree is written again. */
  readonly rawName: string;
  /** As stored: 040000, 100644, 100755, 120000, 160000 (old repositories also have 100664). */
  readonly mode: number;
  readonly oid: Oid;
};

export const TREE_MODE = 0o040000;
export const FILE_MODE = 0o100644;

const TYPE_MASK = 0o170000;

export function isTreeMode(mode: number): boolean {
  return (mode & TYPE_MASK) === TREE_MODE;
}

/** What an entry that is not a directory is. */
export function fileKindOf(mode: number): 'file' | 'executable' | 'symlink' | 'submodule' {
  if ((mode & TYPE_MASK) === 0o120000) return 'symlink';
  if ((mode & TYPE_MASK) === 0o160000) return 'submodule';
  return (mode & 0o100) === 0 ? 'file' : 'executable';
}

/** The name as text; bytes that are no UTF-8 become U+FFFD. */
export function entryName(entry: TreeEntry): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: tells ASCII from the rest.
  if (/^[\x00-\x7f]*$/.test(entry.rawName)) return entry.rawName;
  return Buffer.from(entry.rawName, 'latin1').toString('utf8');
}

/**
 * Reads a tree object. A repository is untrusted: names that could leave a directory are refused.
 * @throws {WorldError} GIT_FAILED with data.reason 'malformed-tree'
 */
export function parseTree(bytes: Uint8Array, format: ObjectFormat): readonly TreeEntry[] {
  const oidBytes = format === 'sha1' ? 20 : 32;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: TreeEntry[] = [];
  for (let at = 0; at < buffer.length; ) {
    const space = buffer.indexOf(0x20, at);
    const nul = space < 0 ? -1 : buffer.indexOf(0, space);
    const end = nul + 1 + oidBytes;
    if (nul < 0 || end > buffer.length) throw malformed('an entry is cut off');
    const modeText = buffer.toString('latin1', at, space);
    const rawName = buffer.toString('latin1', space + 1, nul);
    if (!/^[0-7]{5,6}$/.test(modeText)) throw malformed('a mode is not octal');
    if (!isSafeName(rawName)) throw malformed(`the name ${JSON.stringify(rawName)} is not allowed`);
    entries.push({ rawName, mode: Number.parseInt(modeText, 8), oid: buffer.toString('hex', nul + 1, end) });
    at = end;
  }
  return entries;
}

/** Writes a tree object; sorts as git does (a directory as if its name ended in '/'). */
export function formatTree(entries: readonly TreeEntry[]): Uint8Array {
  const key = (entry: TreeEntry): string => (isTreeMode(entry.mode) ? `${entry.rawName}/` : entry.rawName);
  const sorted = [...entries].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return Buffer.concat(
    sorted.flatMap((entry) => [
      Buffer.from(`${entry.mode.toString(8)} ${entry.rawName}\0`, 'latin1'),
      Buffer.from(entry.oid, 'hex'),
    ]),
  );
}

function isSafeName(rawName: string): boolean {
  return rawName !== '' && rawName !== '.' && rawName !== '..' && !rawName.includes('/');
}

function malformed(detail: string): WorldError {
  return new WorldError('GIT_FAILED', `a tree of the repository is malformed: ${detail}`, {
    reason: 'malformed-tree',
  });
}
