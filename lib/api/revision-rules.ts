import type { Revision } from '../store/store.ts';
import { ApiError } from './api-error.ts';
import type { ListOptions } from './client.ts';

/**
 * A list is of the newest revision: that is never older than one asked for, unless that has not been reached. Of revisions past no
 * whole snapshot is kept. Source: Kubernetes API concepts, "resourceVersion" and "resourceVersionMatch".
 */
export function checkListedRevision(
  current: Revision,
  asked: Pick<ListOptions, 'resourceVersion' | 'exactly'>,
): void {
  const text = asked.resourceVersion ?? '';
  if (text === '' || (text === '0' && asked.exactly !== true)) return;
  const revision = parseRevision(text);
  if (revision > current) throw tooLarge(revision, current);
  if (asked.exactly === true && revision < current) {
    throw new ApiError(
      'Expired',
      `The resourceVersion for the provided list is too old: ${revision} (${current})`,
    );
  }
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
