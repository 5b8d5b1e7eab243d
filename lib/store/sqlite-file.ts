import { DatabaseSync } from 'node:sqlite';
import { limits } from '../base/limits.ts';
import type { RevisedWrite } from './packed-writes.ts';
import type { Entry, Revision } from './store.ts';
import { migrate } from './store-migrations.ts';

/** The store's file, opened: blocking calls, for the worker's thread. */
export type SqliteFile = {
  revision(): Revision;
  /** Every entry, in chunks, by key. */
  entries(): Generator<readonly Entry[]>;
  /**
   * All writes in one transaction, `revision` the last of them; durable when it returns. Throws, with nothing written, when the
   * disk refuses.
   */
  commit(writes: Iterable<RevisedWrite>, revision: Revision): void;
  close(): void;
};

/** Opens or makes the file. `fileBytesMax`: SQLite refuses to grow it further; unset: no bound. */
export function openSqliteFile(options: {
  readonly path: string;
  readonly fileBytesMax?: number | undefined;
}): SqliteFile {
  const database = new DatabaseSync(options.path);
  try {
    configure(database, options.fileBytesMax);
    migrate(database, options.path);
    // Pages that nothing reads would only be noticed when it is too late.
    const check = database.prepare('PRAGMA quick_check(1)').get()?.quick_check;
    if (check !== 'ok') throw new DamagedFile(String(check));
    return fileOver(database);
  } catch (failure) {
    database.close();
    throw failure;
  }
}

/** SQLite itself found the file to be damaged. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile';
}

/**
 * The exclusive lock is the kernel's: it goes with the process, and a second opener gets SQLITE_BUSY. `FULL`: a commit is on the
 * disk when it returns, not only in the kernel.
 */
const SETTINGS = 'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL';
const BEGIN = 'BEGIN IMMEDIATE';
const COMMIT = 'COMMIT';
const ROLLBACK = 'ROLLBACK';

function configure(database: DatabaseSync, fileBytesMax: number | undefined): void {
  database.exec(SETTINGS);
  if (fileBytesMax === undefined) return;
  const pageBytes = Number(database.prepare('PRAGMA page_size').get()?.page_size);
  database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(fileBytesMax / pageBytes))}`);
}

function fileOver(database: DatabaseSync): SqliteFile {
  const put = database.prepare(
    'INSERT INTO entries (key, revision, value) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET revision = excluded.revision, value = excluded.value',
  );
  const remove = database.prepare('DELETE FROM entries WHERE key = ?');
  const move = database.prepare('UPDATE head SET revision = ? WHERE id = 1');
  return {
    revision: () => Number(database.prepare('SELECT revision FROM head WHERE id = 1').get()?.revision),
    *entries() {
      let chunk: Entry[] = [];
      for (const row of database.prepare('SELECT key, revision, value FROM entries ORDER BY key').iterate()) {
        const { key, revision, value } = row;
        if (typeof key !== 'string' || !(value instanceof Uint8Array))
          throw new DamagedFile('a row is malformed');
        chunk.push({ key, revision: Number(revision), value });
        if (chunk.length < limits.storeLoadChunkEntries) continue;
        yield chunk;
        chunk = [];
      }
      yield chunk;
    },
    commit(writes, last) {
      database.exec(BEGIN);
      try {
        for (const { key, revision, value } of writes) {
          if (value === null) remove.run(key);
          else put.run(key, revision, value);
        }
        move.run(last);
        // CRASH: before this returns all of it may be lost; after it none can be.
        database.exec(COMMIT);
      } catch (failure) {
        // SQLite has rolled some failures back by itself.
        if (database.isTransaction) database.exec(ROLLBACK);
        throw failure;
      }
    },
    close: () => database.close(),
  };
}
