import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, messageOf, WorldError } from '../base/errors.ts';
import { residentStore } from './resident-store.ts';
import { openSqlitePersistence } from './sqlite-persistence.ts';
import type { Store } from './store.ts';

const FILE = 'store.db';

/**
 * A store in memory in front of SQLite, in `directory` (made if need be, 0700; the file is 0600). Take the directory's lock first.
 * UserError STORE_TOO_NEW, STORE_CORRUPT, STORE_FOREIGN, STORE_IN_USE; WorldError STORE_UNWRITABLE.
 */
export async function sqliteStore(options: {
  readonly directory: string;
  /** The file grows no further; appends then fail until something is deleted. Unset: no bound but the disk. */
  readonly fileBytesMax?: number;
}): Promise<Store> {
  const path = join(options.directory, FILE);
  prepare(options.directory, path);
  const { snapshot, persistence } = await openSqlitePersistence({ path, fileBytesMax: options.fileBytesMax });
  return residentStore({ snapshot, persistence });
}

/** SQLite gives its write-ahead log the mode of the file, so the file is made first, closed to others from its first byte. */
function prepare(directory: string, path: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
  } catch (failure) {
    throw new WorldError(
      'STORE_UNWRITABLE',
      `cannot write ${path}: ${messageOf(failure)}`,
      { path, errno: codeOf(failure) },
      failure,
    );
  }
}
