import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../errors.ts';
import { limits } from '../limits.ts';
import {
  formatIdentity,
  isAlive,
  ownIdentity,
  type ProcessIdentity,
  parseIdentity,
} from './process-identity.ts';

/** `taken`: this process holds the lock until it ends, however it ends. */
export type LockResult =
  | { readonly taken: true }
  | { readonly taken: false; readonly holder: ProcessIdentity | null };

/**
 * Takes the lock of a directory. The holder is who wrote the highest `lock.<n>` and lives; nothing needs releasing. Taking over
 * from a dead holder makes n + 1 by link(2), which only one can; whoever then finds a higher one (its view was old) steps back.
 */
export function takeInstanceLock(directory: string): LockResult {
  const own = join(directory, `taking.${process.pid}`);
  writeFileSync(own, formatIdentity(ownIdentity()), { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < limits.lockAttemptsMax; attempt += 1) {
      const highest = generations(directory).at(-1) ?? 0;
      const holder = highest === 0 ? null : readHolder(directory, highest);
      if (holder !== null && isAlive(holder)) return { taken: false, holder };
      if (!linked(own, join(directory, `lock.${highest + 1}`))) continue;
      const now = generations(directory);
      if (now.at(-1) !== highest + 1) {
        rmSync(join(directory, `lock.${highest + 1}`), { force: true });
        continue;
      }
      // CRASH: older generations stay; whoever takes over next removes them.
      for (const older of now.slice(0, -1)) rmSync(join(directory, `lock.${older}`), { force: true });
      return { taken: true };
    }
    return { taken: false, holder: null };
  } finally {
    rmSync(own, { force: true });
  }
}

/** Who holds the lock now; null when nobody who lives does. */
export function instanceLockHolder(directory: string): ProcessIdentity | null {
  const highest = generations(directory).at(-1);
  const holder = highest === undefined ? null : readHolder(directory, highest);
  return holder !== null && isAlive(holder) ? holder : null;
}

function generations(directory: string): readonly number[] {
  return readdirSync(directory)
    .flatMap((name) => /^lock\.([1-9]\d{0,14})$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

function readHolder(directory: string, generation: number): ProcessIdentity | null {
  try {
    return parseIdentity(readFileSync(join(directory, `lock.${generation}`), 'latin1'));
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return null;
    throw thrown;
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === 'EEXIST') return false;
    throw thrown;
  }
}
