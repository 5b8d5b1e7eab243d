import { UserError } from '../../../base/errors.ts';

export type SpdyHeaders = ReadonlyMap<string, string>;

/**
 * Names and values, unpacked: a count, then each with its length. Names are lower case; of several values of a name the first counts.
 * Throws UserError SPDY_INVALID. Source: SPDY/3 draft 2.6.10.
 */
export function decodeHeaders(bytes: Buffer): SpdyHeaders {
  const headers = new Map<string, string>();
  let at = 0;
  const number = (): number => {
    if (at + 4 > bytes.length) throw invalid();
    at += 4;
    return bytes.readUInt32BE(at - 4);
  };
  const text = (): string => {
    const length = number();
    if (length > bytes.length - at) throw invalid();
    at += length;
    return bytes.toString('latin1', at - length, at);
  };
  for (let left = number(); left > 0; left -= 1) {
    const name = text().toLowerCase();
    const value = text();
    if (name === '' || headers.has(name)) throw invalid();
    headers.set(name, value.split('\0', 1)[0] ?? '');
  }
  if (at !== bytes.length) throw invalid();
  return headers;
}

export function encodeHeaders(headers: SpdyHeaders): Buffer {
  const parts = [lengthOf(headers.size)];
  for (const pair of headers) {
    for (const text of pair) parts.push(lengthOf(text.length), Buffer.from(text, 'latin1'));
  }
  return Buffer.concat(parts);
}

function lengthOf(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function invalid(): UserError {
  return new UserError('SPDY_INVALID', 'headers of SPDY/3 are not what they say');
}
