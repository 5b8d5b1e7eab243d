import { UserError } from '../../base/errors.ts';

/** An IPv4 range; `count` usable addresses follow `first` (neither the network's own nor the broadcast address). */
export type AddressRange = { readonly first: number; readonly count: number };

/** `10.96.0.0/16` → its usable addresses. UserError ADDRESS_RANGE_INVALID. */
export function parseRange(text: string): AddressRange {
  const match = /^(\d{1,3}(?:\.\d{1,3}){3})\/(\d{1,2})$/.exec(text);
  const base = parseIpv4(match?.[1] ?? '');
  const bits = Number(match?.[2] ?? Number.NaN);
  if (base === null || !(bits >= 8 && bits <= 30)) {
    throw new UserError('ADDRESS_RANGE_INVALID', `${text} is not an IPv4 range between /8 and /30`);
  }
  const size = 2 ** (32 - bits);
  return { first: base - (base % size) + 1, count: size - 2 };
}

/** Of default/kubernetes: `10.96.0.1`. */
export function firstAddress(range: string): string {
  return formatIpv4(parseRange(range).first);
}

/** Dotted decimal → a number; null when it is not. */
export function parseIpv4(text: string): number | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) {
    return null;
  }
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
