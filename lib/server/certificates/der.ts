/** Writes ASN.1 in DER: as much of it as certificates need. Source: X.690. */

/** Universal tags. */
const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

function tagged(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Buffer.concat([Buffer.of(tag, 0x80 + digits.length, ...digits), content]);
}

export function sequence(...members: readonly Uint8Array[]): Buffer {
  return tagged(tags.sequence, Buffer.concat(members));
}

/** A set of one member: more would have to be sorted. */
export function setOf(member: Uint8Array): Buffer {
  return tagged(tags.set, member);
}

export function boolean(value: boolean): Buffer {
  return tagged(tags.boolean, Buffer.of(value ? 0xff : 0));
}

/** A number that is not negative, from its bytes, the most significant first. */
export function integer(bytes: Uint8Array): Buffer {
  let from = 0;
  while (from < bytes.length - 1 && bytes[from] === 0) from += 1;
  const digits = bytes.subarray(from);
  const negative = (digits[0] ?? 0) >= 0x80;
  return tagged(tags.integer, negative ? Buffer.concat([Buffer.of(0), digits]) : digits);
}

/** Whole bytes, or the leading bits of the last one when some are `unused`. */
export function bitString(bytes: Uint8Array, unused = 0): Buffer {
  return tagged(tags.bitString, Buffer.concat([Buffer.of(unused), bytes]));
}

export function octetString(bytes: Uint8Array): Buffer {
  return tagged(tags.octetString, bytes);
}

export function utf8String(text: string): Buffer {
  return tagged(tags.utf8String, Buffer.from(text, 'utf8'));
}

/** `2.5.29.17`. */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const digits = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      digits.unshift(0x80 + (left % 128));
    return digits;
  });
  return tagged(tags.objectId, Buffer.from(bytes));
}

/** Until 2049 in two digits of the year, as X.509 wants it. `at` in milliseconds since 1970. */
export function time(at: number): Buffer {
  const digits = `${new Date(at).toISOString().slice(0, 19).replace(/[-T:]/g, '')}Z`;
  return Number(digits.slice(0, 4)) < 2050
    ? tagged(tags.utcTime, Buffer.from(digits.slice(2), 'latin1'))
    : tagged(tags.generalizedTime, Buffer.from(digits, 'latin1'));
}

/** A context-specific tag around content that is itself DER (`constructed`) or plain bytes. */
export function context(number: number, content: Uint8Array, constructed: boolean): Buffer {
  return tagged((constructed ? 0xa0 : 0x80) + number, content);
}
