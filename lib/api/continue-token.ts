import { isObject } from '../base/json.ts';
import type { Revision } from '../store/store.ts';
import { ApiError } from './api-error.ts';

/** Source: apiserver's continue tokens. */
const ANY_REVISION = -1;

/** Where a paged list goes on: after this key, in the snapshot of this revision; null: in whatever is there by then. */
export type ListPosition = { readonly revision: Revision | null; readonly after: string };

export function encodeContinue({ revision, after }: ListPosition): string {
  return Buffer.from(JSON.stringify({ v: 1, rv: revision ?? ANY_REVISION, after })).toString('base64url');
}

/** BadRequest when the token is not one of ours, or is for keys outside `prefix`. */
export function decodeContinue(token: string, prefix: string): ListPosition {
  const read = parse(token);
  if (
    isObject(read) &&
    read.v === 1 &&
    typeof read.after === 'string' &&
    read.after.startsWith(prefix) &&
    typeof read.rv === 'number' &&
    Number.isSafeInteger(read.rv) &&
    read.rv >= ANY_REVISION
  ) {
    return { revision: read.rv === ANY_REVISION ? null : read.rv, after: read.after };
  }
  throw new ApiError('BadRequest', 'continue key is not valid');
}

function parse(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}
