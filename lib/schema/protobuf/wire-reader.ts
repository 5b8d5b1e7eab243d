import { UserError } from '../../base/errors.ts';

export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, groupStart: 3, groupEnd: 4, fixed32: 5 } as const;

export type Tag = { readonly number: number; readonly wireType: number };

export function malformed(what: string): UserError {
  return new UserError('INVALID_PROTOBUF', `The protobuf body cannot be read: ${what}.`);
}

/** The longest a varint can be: 64 bits, seven to a byte. */
const VARINT_BYTES_MAX = 10;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads the wire format of protobuf from a stretch of bytes, never beyond its end. @throws UserError INVALID_PROTOBUF */
export class WireReader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  tag(): Tag {
    const key = Number(this.varint());
    const number = Math.floor(key / 8);
    if (number < 1 || number > 0x1fffffff) throw malformed(`field number ${number}`);
    return { number, wireType: key % 8 };
  }

  /** Unsigned, 64 bits. */
  varint(): bigint {
    let value = 0n;
    for (let index = 0; index < VARINT_BYTES_MAX; index += 1) {
      const byte = this.bytes[this.at];
      if (byte === undefined) throw malformed('it ends within a number');
      this.at += 1;
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw malformed('a number is longer than 64 bits');
  }

  double(): number {
    const part = this.take(8);
    return new DataView(part.buffer, part.byteOffset, 8).getFloat64(0, true);
  }

  /** What stands behind a length: a view, not a copy. */
  lengthDelimited(): Uint8Array {
    const length = this.varint();
    if (length > BigInt(this.bytes.length)) throw malformed('a length goes beyond its end');
    return this.take(Number(length));
  }

  text(): string {
    try {
      return utf8.decode(this.lengthDelimited());
    } catch (thrown) {
      if (thrown instanceof UserError) throw thrown;
      throw malformed('a text is not UTF-8');
    }
  }

  /** Passes over the value of a field nobody knows. Groups are not used by Kubernetes and refused. */
  skip(wireType: number): void {
    if (wireType === wireTypes.varint) this.varint();
    else if (wireType === wireTypes.fixed64) this.take(8);
    else if (wireType === wireTypes.bytes) this.lengthDelimited();
    else if (wireType === wireTypes.fixed32) this.take(4);
    else throw malformed(`wire type ${wireType}`);
  }

  private take(length: number): Uint8Array {
    const end = this.at + length;
    if (end > this.bytes.length) throw malformed('it ends within a value');
    const part = this.bytes.subarray(this.at, end);
    this.at = end;
    return part;
  }
}
