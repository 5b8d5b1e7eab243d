import { UserError } from '../../base/errors.ts';

/** A range of IPv4 addresses. The first address and the last one are never given out. */
export type PodRange = { readonly base: number; readonly size: number };

/** Parses `127.97.0.0/16`. Throws UserError POD_RANGE_INVALID. */
export function parsePodRange(text: string): PodRange {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  const parts = match?.slice(1, 5).map(Number) ?? [];
  const bits = Number(match?.[5]);
  if (match === null || parts.some((part) => part > 255) || bits < 8 || bits > 30) {
    throw new UserError('POD_RANGE_INVALID', `not an address range for pods: ${text}`, { text });
  }
  const size = 2 ** (32 - bits);
  const address = parts.reduce((sum, part) => sum * 256 + part, 0);
  return { base: address - (address % size), size };
}

export function addressAt(range: PodRange, index: number): string {
  const address = range.base + index;
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/**
 * The next free index after `last`, round the range, so that an address is not given out again soon; null when all are taken.
 */
export function nextIndex(range: PodRange, taken: ReadonlySet<number>, last: number): number | null {
  const usable = range.size - 2;
  for (let step = 0; step < usable; step += 1) {
    const index = 1 + ((last + step) % usable);
    if (!taken.has(index)) return index;
  }
  return null;
}
