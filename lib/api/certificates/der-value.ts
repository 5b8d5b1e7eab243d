/** One value of ASN.1 in DER. */
export type DerValue = {
  readonly tag: number;
  /** Without its head. */
  readonly content: Buffer;
  /** With it: what a signature is over. */
  readonly whole: Buffer;
};

/** The values in these bytes, one after the other; null when they are no DER. Lengths of four bytes at most. Source: X.690. */
export function derValues(bytes: Buffer): readonly DerValue[] | null {
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = lengthAt(bytes, at + 1);
    if (length === null || length.end + length.value > bytes.length) return null;
    const end = length.end + length.value;
    values.push({
      tag: bytes[at] ?? 0,
      content: bytes.subarray(length.end, end),
      whole: bytes.subarray(at, end),
    });
    at = end;
  }
  return values;
}

function lengthAt(bytes: Buffer, at: number): { readonly value: number; readonly end: number } | null {
  const first = bytes[at];
  if (first === undefined) return null;
  if (first < 0x80) return { value: first, end: at + 1 };
  const count = first - 0x80;
  if (count < 1 || count > 4 || at + 1 + count > bytes.length) return null;
  return { value: bytes.readUIntBE(at + 1, count), end: at + 1 + count };
}

/** `2.5.4.3`, from the content of an OBJECT IDENTIFIER. */
export function dottedId(content: Buffer): string {
  const arcs: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    arcs.push(value);
    value = 0;
  }
  const [first = 0, ...rest] = arcs;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...rest].join('.');
}
