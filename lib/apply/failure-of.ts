import { isApiError } from '../api/api-error.ts';
import type { Operation } from '../api/client.ts';
import { assertNever } from '../base/errors.ts';

/** What an operation's failure comes to. */
export type Failure =
  /** Live moved under the plan. */
  | 'conflict'
  /** What it was to delete is gone. */
  | 'done'
  /** The API says no to this object. */
  | 'refused'
  /** Nothing about the object: the same call may go through later. */
  | 'world';

export function failureOf(thrown: unknown, { op }: Operation): Failure {
  if (!isApiError(thrown)) return 'world';
  switch (thrown.reason) {
    case 'Conflict':
    case 'AlreadyExists':
      return 'conflict';
    case 'NotFound':
      // What a create does not find is its namespace or its kind: planning again would not help.
      return op === 'create' ? 'refused' : op === 'delete' ? 'done' : 'conflict';
    case 'BadRequest':
    case 'Forbidden':
    case 'Invalid':
    case 'MethodNotAllowed':
    case 'NotAcceptable':
    case 'NotImplemented':
    case 'RequestEntityTooLarge':
    case 'UnsupportedMediaType':
      return 'refused';
    case 'Unauthorized':
    case 'Gone':
    case 'Expired':
    case 'TooManyRequests':
    case 'InternalError':
    case 'ServiceUnavailable':
    case 'Timeout':
      return 'world';
    default:
      return assertNever(thrown.reason);
  }
}
