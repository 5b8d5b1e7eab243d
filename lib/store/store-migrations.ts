import type { DatabaseSync } from 'node:sqlite';
import { UserError } from '../base/errors.ts';

const BEGIN = 'BEGIN IMMEDIATE';
/** `pint` in ASCII: marks the file as ours (SQLite's application_id). */
const APPLICATION_ID = 0x70_69_6e_74;

/** Step n takes a file of version n to n + 1. Steps are only ever added: files of every age must open. */
export const migrations: readonly string[] = [
  `CREATE TABLE entries (key TEXT PRIMARY KEY NOT NULL, revision INTEGER NOT NULL, value BLOB NOT NULL);
   CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL);
   INSERT INTO head (id, revision) VALUES (1, 0);`,
];

/**
 * Brings the file to the newest version, in one transaction. UserError STORE_TOO_NEW when a newer Pintle wrote it,
 * STORE_FOREIGN when something else did.
 */
export function migrate(database: DatabaseSync, path: string, steps: readonly string[] = migrations): void {
  const version = pragma(database, 'user_version');
  const application = pragma(database, 'application_id');
  const tables = Number(database.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.count);
  if (application !== APPLICATION_ID && (application !== 0 || version !== 0 || tables > 0)) {
    throw new UserError('STORE_FOREIGN', `${path} is not a Pintle store`, { path });
  }
  if (version > steps.length) {
    throw new UserError(
      'STORE_TOO_NEW',
      `${path} was written by a newer Pintle (store version ${version}, this one reads up to ${steps.length})`,
      { path, version, readable: steps.length },
    );
  }
  if (version === steps.length) return;
  // CRASH: the transaction is rolled back at the next open, and the steps run again from where they began.
  database.exec(BEGIN);
  for (const step of steps.slice(version)) database.exec(step);
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${steps.length}; COMMIT`);
}

function pragma(database: DatabaseSync, name: 'user_version' | 'application_id'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}
