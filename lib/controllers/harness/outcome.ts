import { type ApiReason, isApiError } from '../../api/api-error.ts';
import { assertNever, messageOf, UserError, WorldError } from '../../base/errors.ts';
import type { Result } from './controller.ts';

/** How a look at one object ended. */
export type Outcome =
  | Result
  /** Somebody else wrote first, or an informer was late: soon the world looks different. */
  | { readonly is: 'conflict'; readonly message: string }
  /** The object asks for what cannot be: no use before it changes. */
  | { readonly is: 'user-error'; readonly code: string; readonly message: string }
  /** The world failed: try again after a back-off. */
  | { readonly is: 'world-error'; readonly message: string };

/** Sorts what a reconcile threw. What is neither the user's nor the world's is ours, and thrown on. */
export function outcomeOf(thrown: unknown): Outcome {
  const message = messageOf(thrown);
  if (thrown instanceof UserError) return { is: 'user-error', code: thrown.code, message };
  if (thrown instanceof WorldError) return { is: 'world-error', message };
  if (isApiError(thrown)) return apiOutcome(thrown.reason, message);
  throw thrown;
}

function apiOutcome(reason: ApiReason, message: string): Outcome {
  switch (reason) {
    case 'Conflict':
    case 'AlreadyExists':
    case 'NotFound':
    case 'Gone':
    case 'Expired':
      return { is: 'conflict', message };
    case 'BadRequest':
    case 'Forbidden':
    case 'Invalid':
    case 'MethodNotAllowed':
    case 'NotAcceptable':
    case 'NotImplemented':
    case 'RequestEntityTooLarge':
    case 'UnsupportedMediaType':
    case 'Unauthorized':
      return { is: 'user-error', code: reason, message };
    case 'TooManyRequests':
    case 'InternalError':
    case 'ServiceUnavailable':
    case 'Timeout':
      return { is: 'world-error', message };
    default:
      return assertNever(reason);
  }
}
