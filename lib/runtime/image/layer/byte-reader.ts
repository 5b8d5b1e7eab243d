import { ImageError } from '../image-error.ts';

/** Takes a stream apart by lengths. */
export class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next `bytes` bytes; null where the stream ends before the first of them. ImageError IMAGE_INVALID when it ends later. */
  async read(bytes: number): Promise<Buffer | null> {
    const parts: Buffer[] = [];
    let missing = bytes;
    for await (const part of this.#parts(bytes)) {
      parts.push(part);
      missing -= part.length;
    }
    if (missing === bytes && bytes > 0) return null;
    if (missing > 0) throw new ImageError('IMAGE_INVALID', 'the tar file is cut');
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
  }

  /** The same in the pieces they come in. */
  async *take(bytes: number): AsyncGenerator<Buffer> {
    let missing = bytes;
    for await (const part of this.#parts(bytes)) {
      missing -= part.length;
      yield part;
    }
    if (missing > 0) throw new ImageError('IMAGE_INVALID', 'the tar file is cut');
  }

  /** Reads to the stream's end. */
  async drain(): Promise<void> {
    this.#rest = Buffer.alloc(0);
    while ((await this.#source.next()).done !== true);
  }

  async #fill(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const next = await this.#source.next();
      if (next.done === true) return false;
      this.#rest = next.value;
    }
    return true;
  }

  async *#parts(bytes: number): AsyncGenerator<Buffer> {
    let missing = bytes;
    while (missing > 0 && (await this.#fill())) {
      const part = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(part.length);
      missing -= part.length;
      yield part;
    }
  }
}
