import { isIP } from 'node:net';
import type { FieldPath } from '../finding.ts';
import type { At } from '../rule.ts';
import { invalidValue } from '../wording.ts';
import { IP_WORDS, specialAddressWords } from './address-words.ts';

/** An address at which others can be reached: neither the machine's own nor its link's. */
export function checkReachable(at: At, address: string, path: FieldPath): void {
  if (isIP(address) === 0) {
    at.error('invalid-address', path, 'must be an IP address', { wording: invalidValue(address, IP_WORDS) });
    return;
  }
  const special = specialAddressWords(address);
  if (special !== null)
    at.error('invalid-address', path, special, { wording: invalidValue(address, special) });
}
