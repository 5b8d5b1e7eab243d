import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';

/** Source: IFALIASZ of the kernel, less the closing zero. */
const ALIAS_BYTES_MAX = 250;

/** What is written on a bridge, by which a data directory knows its own. */
export function aliasOf(dataDirectory: string): string {
  const path = realpathSync(dataDirectory);
  const alias = `pintle ${path}`;
  // A batch of ip(8) has words in quotes, one command a line.
  if (Buffer.byteLength(alias) <= ALIAS_BYTES_MAX && /^[^"'\\\p{Cc}]*$/u.test(alias)) return alias;
  return `pintle sha256:${createHash('sha256').update(path).digest('hex')}`;
}

/** The data directory an alias names; null when it names none, or in a way that cannot be read back. */
export function ownerOf(alias: string): string | null {
  return /^pintle (\/.*)$/.exec(alias)?.[1] ?? null;
}
