import { UserError } from '../lib/base/errors.ts';
import { limits } from '../lib/base/limits.ts';

/** Of `--nodes`. Throws UserError USAGE. */
export function nodeCountOf(option: string): number {
  const count = /^\d{1,4}$/.test(option) ? Number(option) : 0;
  if (count >= 1 && count <= limits.nodesMax) return count;
  throw new UserError('USAGE', `--nodes takes a number from 1 to ${limits.nodesMax}, not ${option}`);
}
