import { WorldError } from '../base/errors.ts';
import { isOid } from './object-id.ts';
import type { CommitInfo, Oid, Signature } from './repository.ts';

/**
 * Reads a commit object. A signature line that does not parse keeps what text it has, at time 0.
 * @throws {WorldError} GIT_FAILED with data.reason 'malformed-commit'
 */
export function parseCommit(oid: Oid, bytes: Uint8Array): CommitInfo {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blank = buffer.indexOf('\n\n');
  const head = buffer.subarray(0, blank < 0 ? buffer.length : blank);
  const headers = head.toString('latin1').split('\n');
  const value = (name: string): string | undefined =>
    headers.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
  const latin1 = /^(iso-?8859-?1|latin-?1)$/i.test(value('encoding') ?? '');
  const text = (raw: Buffer): string => raw.toString(latin1 ? 'latin1' : 'utf8');
  const tree = value('tree') ?? '';
  const parents = headers.filter((line) => line.startsWith('parent ')).map((line) => line.slice(7));
  if (!isOid(tree) || !parents.every(isOid)) {
    throw new WorldError('GIT_FAILED', `commit ${oid} is malformed`, { oid, reason: 'malformed-commit' });
  }
  return {
    oid,
    tree,
    parents,
    author: parseSignature(text(Buffer.from(value('author') ?? '', 'latin1'))),
    committer: parseSignature(text(Buffer.from(value('committer') ?? '', 'latin1'))),
    message: blank < 0 ? '' : text(buffer.subarray(blank + 2)),
  };
}

/** The bytes of a commit whose author also commits, in UTC. */
export function formatCommit(commit: {
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  readonly author: Signature;
  readonly message: string;
}): Uint8Array {
  const who = formatSignature(commit.author);
  const message = commit.message.replaceAll('\0', '\u{fffd}');
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${who}`,
    `committer ${who}`,
    '',
    message.endsWith('\n') ? message : `${message}\n`,
  ];
  return Buffer.from(lines.join('\n'), 'utf8');
}

function parseSignature(line: string): Signature {
  const open = line.lastIndexOf('<');
  const close = line.lastIndexOf('>');
  if (open < 0 || close < open) return { name: line.trim(), email: '', atMs: 0 };
  const seconds = /^ (-?\d{1,12})(?: |$)/.exec(line.slice(close + 1))?.[1];
  return {
    name: line.slice(0, open).trim(),
    email: line.slice(open + 1, close),
    atMs: seconds === undefined ? 0 : Number(seconds) * 1000,
  };
}

/** A name or an address must not end its field, its line or the header. */
function formatSignature(signature: Signature): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes.
  const plain = (text: string): string => text.replace(/[\x00-\x1f\x7f<>]+/g, ' ').trim();
  const name = plain(signature.name) || 'unknown';
  const seconds = Math.max(0, Math.floor(signature.atMs / 1000));
  return `${name} <${plain(signature.email)}> ${seconds} +0000`;
}
