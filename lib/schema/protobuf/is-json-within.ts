import { FORBIDDEN_KEYS } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';

/** Whether JSON that somebody sent can be walked: no deeper than any object may be, no key that is not allowed. */
export function isJsonWithin(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= limits.objectDepthMax) return false;
  for (const key of Object.keys(value)) if (FORBIDDEN_KEYS.has(key)) return false;
  return Object.values(value).every((member: unknown) => isJsonWithin(member, depth + 1));
}
