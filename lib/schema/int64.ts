const INT64 = /^(0|-?[1-9][0-9]{0,18})$/;
const MAX = 2n ** 63n - 1n;

/** A whole number as the API writes it (no plus sign, no leading zeros) within 64 bits; null otherwise. */
export function parseInt64(text: string): bigint | null {
  if (!INT64.test(text)) return null;
  const value = BigInt(text);
  return value > MAX || value < -MAX - 1n ? null : value;
}
