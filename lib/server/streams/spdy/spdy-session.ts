import type { Duplex } from 'node:stream';
import { drained } from '../../../base/drained.ts';
import { assertNever, codeOf, UserError } from '../../../base/errors.ts';
import { limits } from '../../../base/limits.ts';
import { nextTurn } from '../../../base/turn.ts';
import { encodeFrame } from './encode-frame.ts';
import { frameDecoder } from './frame-decoder.ts';
import { decodeHeaders } from './header-block.ts';
import { headerInflater } from './header-inflater.ts';
import { SendWindow } from './send-window.ts';
import { INITIAL_WINDOW_BYTES, resetStatus, type SpdyFrame } from './spdy-frame.ts';
import { SpdyStream, type StreamPort } from './spdy-stream.ts';
import { storedBlocks } from './stored-blocks.ts';

/** No name and no value. */
const NO_HEADERS = Buffer.alloc(4);

/**
 * The server's side of one SPDY/3.1 connection over any transport. What comes is worked off one frame after another: a stream whose
 * reader is behind holds the whole connection back, and a client that does not read what it is sent is not read either, so neither
 * costs memory. A client that breaks the protocol is cut off.
 */
export class SpdySession {
  /** Resolves when the connection is over, whoever ended it; all streams are destroyed then. Never rejects. */
  readonly ended: Promise<void>;
  /** Bytes of data, of both directions: what stands still is idle. */
  progressBytes = 0;

  readonly #transport: Duplex;
  readonly #onStream: (stream: SpdyStream) => boolean;
  readonly #streams = new Map<number, SpdyStream>();
  readonly #window = new SendWindow();
  readonly #inflater = headerInflater();
  readonly #stored = storedBlocks();
  readonly #port: StreamPort;
  #lastStreamId = 0;
  #pingId = 0;
  #uncreditedBytes = 0;

  /** `onStream` is told of each stream that the client opens; false: it is refused. */
  constructor(transport: Duplex, onStream: (stream: SpdyStream) => boolean) {
    this.#transport = transport;
    this.#onStream = onStream;
    this.#port = {
      send: (frame) => this.#send(frame),
      take: (streamId, wantedBytes) => {
        const bytes = this.#window.room(streamId, wantedBytes);
        this.#window.sent(streamId, bytes);
        this.progressBytes += bytes;
        return bytes;
      },
      forget: (streamId) => {
        this.#streams.delete(streamId);
        this.#window.forget(streamId);
      },
    };
    // What fails ends the loop that reads.
    transport.on('error', () => undefined);
    // The loop may wait for one of the streams.
    transport.on('close', () => this.#resetAll());
    this.ended = this.#run();
  }

  /** A word to the client, so that it shows when it is gone. */
  ping(): void {
    if (this.#transport.writableLength > 0) return;
    // Those of a server are even.
    this.#pingId = (this.#pingId + 2) % 0x7fff_fffe;
    void this.#send({ type: 'ping', id: this.#pingId });
  }

  /** Ends the connection when all that was written has gone out. */
  async close(): Promise<void> {
    await this.#send({ type: 'goaway', lastStreamId: this.#lastStreamId, status: 0 });
    this.#transport.end();
  }

  destroy(): void {
    this.#transport.destroy();
  }

  async #run(): Promise<void> {
    const decode = frameDecoder();
    try {
      // Left early, there is a last word to say still.
      const chunks: AsyncIterable<Buffer> = this.#transport.iterator({ destroyOnReturn: false });
      for await (const chunk of chunks) {
        for (const frame of decode(chunk)) {
          await this.#receive(frame);
          // Whoever does not read what it is answered is not read either.
          await drained(this.#transport);
        }
      }
    } catch (failure) {
      // What has no code is ours.
      if (codeOf(failure) === undefined) throw failure;
      if (failure instanceof UserError) {
        void this.#send({ type: 'goaway', lastStreamId: this.#lastStreamId, status: 1 });
        // It goes out, or it does not: nothing is waited for.
        await nextTurn();
      }
    } finally {
      this.#resetAll();
      this.#inflater.close();
      this.#transport.destroy();
    }
  }

  async #receive(frame: SpdyFrame): Promise<void> {
    switch (frame.type) {
      case 'syn-stream':
        return this.#open(frame.streamId, frame.fin, await this.#inflater.inflate(frame.headerBlock));
      case 'syn-reply':
      case 'headers':
        // They say nothing to us, but are part of what is unpacked.
        await this.#inflater.inflate(frame.headerBlock);
        return;
      case 'data':
        return this.#data(frame.streamId, frame.payload, frame.fin);
      case 'rst-stream':
        this.#streams.get(frame.streamId)?.reset();
        return;
      case 'ping':
        // Even: the answer to one of ours.
        if (frame.id % 2 === 1) void this.#send(frame);
        return;
      case 'settings':
        if (frame.initialWindowBytes !== null) this.#window.setInitial(frame.initialWindowBytes);
        return this.#windowOpened();
      case 'window-update':
        this.#window.opened(frame.streamId, frame.deltaBytes);
        return this.#windowOpened();
      case 'goaway':
        return;
      default:
        return assertNever(frame);
    }
  }

  #open(streamId: number, fin: boolean, block: Buffer): void {
    if (streamId % 2 === 0 || streamId <= this.#lastStreamId) {
      throw new UserError('SPDY_INVALID', `stream ${streamId} is opened out of order`);
    }
    this.#lastStreamId = streamId;
    const headers = decodeHeaders(block);
    if (this.#streams.size >= limits.spdyStreamsMax) {
      this.#refuse(streamId);
      return;
    }
    const stream = new SpdyStream(streamId, headers, this.#port);
    this.#streams.set(streamId, stream);
    // A stream that is over is of no interest; who works with it hears of it by `close`.
    stream.on('error', () => undefined);
    if (!this.#onStream(stream)) {
      stream.reset();
      this.#refuse(streamId);
      return;
    }
    void this.#send({ type: 'syn-reply', streamId, fin: false, headerBlock: this.#stored(NO_HEADERS) });
    if (fin) stream.receive(Buffer.alloc(0), true);
  }

  #refuse(streamId: number): void {
    void this.#send({ type: 'rst-stream', streamId, status: resetStatus.refusedStream });
  }

  async #data(streamId: number, payload: Buffer, fin: boolean): Promise<void> {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) {
      // What was on its way when the stream ended is let go.
      if (streamId % 2 === 1 && streamId <= this.#lastStreamId) return;
      throw new UserError('SPDY_INVALID', `stream ${streamId} was never opened`);
    }
    this.progressBytes += payload.length;
    if (!stream.receive(payload, fin)) throw new UserError('SPDY_INVALID', `stream ${streamId} had ended`);
    await stream.room();
    this.#credit(stream, payload.length);
  }

  /** Opens the windows again, of the stream and of the connection. */
  #credit(stream: SpdyStream, bytes: number): void {
    const open = (streamId: number, deltaBytes: number): void =>
      void this.#send({ type: 'window-update', streamId, deltaBytes });
    stream.uncreditedBytes += bytes;
    this.#uncreditedBytes += bytes;
    if (stream.uncreditedBytes >= INITIAL_WINDOW_BYTES / 2) {
      open(stream.id, stream.uncreditedBytes);
      stream.uncreditedBytes = 0;
    }
    if (this.#uncreditedBytes >= INITIAL_WINDOW_BYTES / 2) {
      open(0, this.#uncreditedBytes);
      this.#uncreditedBytes = 0;
    }
  }

  #resetAll(): void {
    for (const stream of [...this.#streams.values()]) stream.reset();
  }

  #windowOpened(): void {
    for (const stream of this.#streams.values()) stream.windowOpened();
  }

  /** Resolves when it has gone out; not at all when it never will: the connection ends then, and its streams with it. */
  #send(frame: SpdyFrame): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#transport.destroyed || !this.#transport.writable) return promise;
    this.#transport.write(encodeFrame(frame), (failure) => {
      if (!failure) resolve();
    });
    return promise;
  }
}
