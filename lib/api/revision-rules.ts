import type { Revision } from '../store/store.ts';
import { ApiError } from './api-error.ts';
import type { ListOptions } from './client.ts';

/**
 * The revision a list is to be of; undefined: the newest, which is never older than the one asked for, unless that has not been
 * reached. Source: Kubernetes API concepts, "resourceVersion" and "resourceVersionMatch".
 */
export function listedRevision(
  current: Revision,
  asked: Pick<ListOptions, 'resourceVersion' | 'exactly'>,
): Revision | undefined {
  const text = asked.resourceVersion ?? '';
  if (text === '' || (text === '0' && asked.exactly !== true)) return undefined;
  const revision = parseRevision(text);
  if (revision > current) throw tooLarge(revision, current);
  return asked.exactly === true && revision < current ? revision : undefined;
}

/** BadRequest unless it is a number. */
export function parseRevision(text: string): Revision {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new ApiError('BadRequest', `invalid resource version ${JSON.stringify(text)}`);
}

/** Source: apiserver storage.NewTooLargeResourceVersionError; clients wait a second and ask again. */
function tooLarge(asked: Revision, current: Revision): ApiError {
  return new ApiError('Timeout', `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version', field: '' }],
    details: { retryAfterSeconds: 1 },
  });
}
