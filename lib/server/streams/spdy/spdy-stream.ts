import { Duplex } from 'node:stream';
import { limits } from '../../../base/limits.ts';
import { ByteSource } from '../byte-source.ts';
import type { SpdyHeaders } from './header-block.ts';
import { resetStatus, type SpdyFrame } from './spdy-frame.ts';

/** What a stream needs of its connection. */
export type StreamPort = {
  /** Resolves once it has gone out, and not at all if it never does: the stream is destroyed then. */
  send(frame: SpdyFrame): Promise<void>;
  /** How much of `bytes` may be sent now; what is taken counts as sent. */
  take(streamId: number, bytes: number): number;
  forget(streamId: number): void;
};

/**
 * One stream, opened by the client. Each direction ends by itself. Destroyed before both have ended, it tells the client so; a client
 * that resets it destroys it without an error.
 */
export class SpdyStream extends Duplex {
  readonly id: number;
  readonly headers: SpdyHeaders;
  /** What was taken of the client, and not yet said to be. */
  uncreditedBytes = 0;
  readonly #port: StreamPort;
  #pending: { readonly chunk: Buffer; readonly done: () => void } | null = null;
  #sending = false;
  readonly #source = new ByteSource((piece) => this.push(piece));
  #finished = false;
  #wasReset = false;

  constructor(id: number, headers: SpdyHeaders, port: StreamPort) {
    super({
      allowHalfOpen: true,
      readableHighWaterMark: 1,
      writableHighWaterMark: limits.streamBufferBytesMax,
    });
    this.id = id;
    this.headers = headers;
    this.#port = port;
  }

  /** Data from the client. False: it sends after it said that it had ended. */
  receive(payload: Buffer, fin: boolean): boolean {
    if (this.destroyed) return true;
    if (this.#source.hasEnded) return false;
    this.#source.add(payload);
    if (fin) this.#source.end();
    return true;
  }

  /** Resolves when the reader has taken enough of what came. */
  room(): Promise<void> {
    return this.#source.room();
  }

  /** The client takes more. */
  windowOpened(): void {
    this.#flush();
  }

  reset(): void {
    this.#wasReset = true;
    this.destroy();
  }

  override _read(): void {
    this.#source.read();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#pending = { chunk, done };
    this.#flush();
  }

  override _final(done: () => void): void {
    this.#finished = true;
    void this.#port
      .send({ type: 'data', streamId: this.id, fin: true, payload: Buffer.alloc(0) })
      .then(() => done());
  }

  override _destroy(failure: Error | null, done: (failure: Error | null) => void): void {
    this.#source.close();
    this.#pending = null;
    if (!this.#wasReset && !(this.#source.hasEnded && this.#finished)) {
      void this.#port.send({ type: 'rst-stream', streamId: this.id, status: resetStatus.cancel });
    }
    this.#port.forget(this.id);
    done(failure);
  }

  #flush(): void {
    const pending = this.#pending;
    if (pending === null || this.#sending) return;
    const { chunk, done } = pending;
    const bytes = this.#port.take(this.id, Math.min(chunk.length, limits.streamChunkBytes));
    if (bytes === 0 && chunk.length > 0) return;
    const rest = chunk.subarray(bytes);
    this.#pending = rest.length > 0 ? { chunk: rest, done } : null;
    this.#sending = true;
    const frame: SpdyFrame = {
      type: 'data',
      streamId: this.id,
      fin: false,
      payload: chunk.subarray(0, bytes),
    };
    void this.#port.send(frame).then(() => {
      this.#sending = false;
      if (rest.length > 0) this.#flush();
      else done();
    });
  }
}
