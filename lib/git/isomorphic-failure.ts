import { Errors } from 'isomorphic-git';
import { codeOf, messageOf, UserError, WorldError } from '../base/errors.ts';
import { redact } from './credentials.ts';
import type { GitFailureCode } from './git-failure.ts';
import type { Credentials } from './location.ts';

/** What isomorphic-git threw over a remote, as ours; `data.reason` keeps its own code. */
export function isomorphicFailure(
  thrown: unknown,
  options: { readonly location: string; readonly credentials: Credentials | null },
): Error {
  if (thrown instanceof WorldError || thrown instanceof UserError) return thrown;
  const { location, credentials } = options;
  const said = redact(messageOf(thrown), credentials).slice(0, 1000);
  const hint = isRedirect(thrown)
    ? ' (the address redirects: credentials are not sent along, use the final address)'
    : '';
  const data = { location, reason: codeOf(thrown) };
  return new WorldError(codeFor(thrown), `${location}: ${said}${hint}`, data);
}

function statusOf(thrown: unknown): number | null {
  return thrown instanceof Errors.HttpError ? thrown.data.statusCode : null;
}

function isRedirect(thrown: unknown): boolean {
  const status = statusOf(thrown);
  return status !== null && status >= 300 && status < 400;
}

function codeFor(thrown: unknown): GitFailureCode {
  const status = statusOf(thrown);
  if (status === 401 || status === 403 || status === 203) return 'AUTH_REFUSED';
  if (status === 404 || status === 410) return 'REPOSITORY_MISSING';
  if (status !== null) return status === 429 || status >= 500 ? 'REMOTE_DOWN' : 'GIT_FAILED';
  // The address answers, but not as a git server does.
  if (thrown instanceof Errors.SmartHttpError) return 'REPOSITORY_MISSING';
  if (thrown instanceof Errors.ParseError || thrown instanceof Errors.EmptyServerResponseError) {
    return 'REMOTE_DOWN';
  }
  return 'GIT_FAILED';
}
