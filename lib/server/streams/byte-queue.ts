import { limits } from '../../base/limits.ts';

/** Bytes that wait for their reader, in order. Small pieces are joined, so that what is held costs what it counts. */
export class ByteQueue {
  #pieces: Buffer[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  add(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#bytes += piece.length;
    const last = this.#pieces.at(-1);
    if (last !== undefined && last.length + piece.length <= limits.streamPieceBytesMin) {
      this.#pieces[this.#pieces.length - 1] = Buffer.concat([last, piece]);
    } else {
      // A copy: a small piece would hold all it was cut from.
      this.#pieces.push(piece.length < limits.streamPieceBytesMin ? Buffer.from(piece) : piece);
    }
  }

  take(): Buffer | null {
    const piece = this.#pieces.shift() ?? null;
    this.#bytes -= piece?.length ?? 0;
    return piece;
  }

  clear(): void {
    this.#pieces = [];
    this.#bytes = 0;
  }
}
