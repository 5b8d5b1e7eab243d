import { messageOf, UserError, WorldError } from '../base/errors.ts';
import { DamagedFile } from './sqlite-file.ts';
import type { StoreFailure } from './store-worker-messages.ts';

/** SQLite's primary result codes (sqlite.org/rescode.html). */
const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/** What went wrong in the worker's thread, as data. */
export function storeFailure(thrown: unknown, path: string): StoreFailure {
  if (thrown instanceof UserError) {
    return { kind: 'user', code: thrown.code, message: thrown.message, data: thrown.data };
  }
  const result = primaryResult(thrown);
  if (thrown instanceof DamagedFile || result === SQLITE_CORRUPT || result === SQLITE_NOTADB) {
    const message = `${path} is damaged (${messageOf(thrown)}): move it away, and what git holds is applied anew`;
    return { kind: 'user', code: 'STORE_CORRUPT', message, data: { path } };
  }
  if (result === SQLITE_BUSY) {
    const message = `${path} is in use by another process`;
    return { kind: 'user', code: 'STORE_IN_USE', message, data: { path } };
  }
  const message = `cannot write ${path}: ${messageOf(thrown)}`;
  return { kind: 'world', code: 'STORE_UNWRITABLE', message, data: { path, result } };
}

/** The failure as an error again, on the other side. */
export function errorOf({ kind, code, message, data }: StoreFailure): UserError | WorldError {
  return kind === 'user' ? new UserError(code, message, data) : new WorldError(code, message, data);
}

function primaryResult(thrown: unknown): number | null {
  if (typeof thrown !== 'object' || thrown === null || !('errcode' in thrown)) return null;
  // Extended codes carry the primary one in their low byte.
  return typeof thrown.errcode === 'number' ? thrown.errcode & 0xff : null;
}
