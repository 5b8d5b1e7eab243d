import { Readable, Writable } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { limits } from '../../../base/limits.ts';
import { ByteSource } from '../byte-source.ts';
import type { ChannelCodec } from './channel-codec.ts';

/** Says that a channel ends: the payload is its number. Since v5. */
export const CLOSE_CHANNEL = 255;

/**
 * Channels over one WebSocket. Bytes for a channel that nobody reads here are let go, as Kubernetes does. A channel whose reader is
 * behind holds the whole connection back; so does a client that does not read what is written to it.
 */
export class WebSocketChannels {
  /** Resolves when the connection is over, whoever ended it; what was made of its channels is destroyed then. */
  readonly ended: Promise<void>;
  /** Bytes, of both directions: what stands still is idle. */
  progressBytes = 0;

  readonly #socket: WebSocket;
  readonly #codec: ChannelCodec;
  readonly #inputs = new Map<number, Input>();
  readonly #outputs: Writable[] = [];

  constructor(socket: WebSocket, codec: ChannelCodec, options: { readonly channelsClose: boolean }) {
    this.#socket = socket;
    this.#codec = codec;
    socket.on('message', (data) => this.#receive(data, options.channelsClose));
    // It is followed by `close`.
    socket.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      socket.on('close', () => {
        for (const stream of [...this.#inputs.values(), ...this.#outputs]) stream.destroy();
        resolve();
      });
    });
  }

  /** What the client sends on a channel. */
  input(channel: number): Readable {
    const input = new Input();
    this.#inputs.set(channel, input);
    return input;
  }

  /** What goes to the client on a channel. */
  output(channel: number): Writable {
    const output = new Writable({
      highWaterMark: limits.streamBufferBytesMax,
      write: (chunk: Buffer, _encoding, done) => this.send(channel, chunk, () => done()),
    });
    this.#outputs.push(output);
    return output;
  }

  ping(): void {
    if (this.#socket.bufferedAmount === 0 && this.#socket.readyState === this.#socket.OPEN) {
      this.#socket.ping(undefined, undefined, () => undefined);
    }
  }

  close(): void {
    this.#socket.close(1000);
  }

  destroy(): void {
    this.#socket.terminate();
  }

  /** In messages of a bounded size; `done` when they have gone out, and not at all when they never will. */
  send(channel: number, bytes: Buffer, done: () => void): void {
    const piece = bytes.subarray(0, limits.streamChunkBytes);
    const rest = bytes.subarray(piece.length);
    this.#socket.send(this.#codec.encode(channel, piece), { binary: this.#codec.binary }, (failure) => {
      if (failure) return;
      this.progressBytes += piece.length;
      if (rest.length > 0) this.send(channel, rest, done);
      else done();
    });
  }

  #receive(data: RawData, channelsClose: boolean): void {
    const message = Buffer.isBuffer(data) ? this.#codec.decode(data) : null;
    if (message === null) return;
    const { channel, payload } = message;
    this.progressBytes += payload.length;
    if (channelsClose && channel === CLOSE_CHANNEL) {
      if (payload.length > 0) this.#inputs.get(payload.readUInt8(0))?.source.end();
      return;
    }
    const input = this.#inputs.get(channel);
    if (input === undefined || input.destroyed || input.source.hasEnded) return;
    input.source.add(payload);
    if (!input.source.isFull()) return;
    this.#socket.pause();
    void input.source.room().then(() => this.#goOn());
  }

  #goOn(): void {
    if ([...this.#inputs.values()].some(({ source }) => source.isFull())) return;
    this.#socket.resume();
  }
}

class Input extends Readable {
  readonly source = new ByteSource((piece) => this.push(piece));

  constructor() {
    super({ highWaterMark: 1 });
  }

  override _read(): void {
    this.source.read();
  }

  override _destroy(failure: Error | null, done: (failure: Error | null) => void): void {
    this.source.close();
    done(failure);
  }
}
