import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, UserError } from '../base/errors.ts';
import { isObject } from '../base/json.ts';

export const API_PLACE_FILE = 'api-server.json';

/** Where the daemon of a data directory serves the Kubernetes API, or last did. UserError NO_API. */
export function readApiPlace(dataDirectory: string): { readonly address: string; readonly port: number } {
  const none = (): UserError =>
    new UserError('NO_API', `no daemon has served the API from ${dataDirectory}; start one with pintle up`, {
      dataDirectory,
    });
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(join(dataDirectory, API_PLACE_FILE), 'utf8'));
  } catch (failure) {
    if (codeOf(failure) === 'ENOENT' || failure instanceof SyntaxError) throw none();
    throw failure;
  }
  if (!isObject(read) || typeof read.address !== 'string' || typeof read.port !== 'number') throw none();
  return { address: read.address, port: read.port };
}
