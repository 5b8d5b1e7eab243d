import { limits } from '../../base/limits.ts';
import { ByteQueue } from './byte-queue.ts';

/**
 * The reading side of a stream whose bytes come from outside: `add` and `end` as they come, `read` from its `_read`. `room` is asked
 * before more is taken from the client.
 */
export class ByteSource {
  readonly #queue = new ByteQueue();
  readonly #push: (piece: Buffer | null) => unknown;
  #hungry = false;
  #ended = false;
  #waiting: (() => void)[] = [];

  constructor(push: (piece: Buffer | null) => unknown) {
    this.#push = push;
  }

  get hasEnded(): boolean {
    return this.#ended;
  }

  add(piece: Buffer): void {
    this.#queue.add(piece);
    if (this.#hungry) this.read();
  }

  end(): void {
    this.#ended = true;
    if (this.#hungry) this.read();
  }

  read(): void {
    const piece = this.#queue.take();
    this.#hungry = piece === null && !this.#ended;
    if (piece !== null || this.#ended) this.#push(piece);
    if (this.isFull()) return;
    for (const go of this.#waiting.splice(0)) go();
  }

  isFull(): boolean {
    return this.#queue.bytes >= limits.streamBufferBytesMax;
  }

  /** Resolves when its reader has taken enough, or it was closed. */
  room(): Promise<void> {
    if (!this.isFull()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Nobody reads any more. */
  close(): void {
    this.#queue.clear();
    for (const go of this.#waiting.splice(0)) go();
  }
}
