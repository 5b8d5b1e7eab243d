import type { Socket } from 'node:net';
import { drained } from '../drained.ts';
import { codeOf, messageOf, WorldError } from '../errors.ts';
import { isObject, type JsonObject, type JsonValue } from '../json.ts';
import { limits } from '../limits.ts';
import { channels, encodeFrame, encodeJsonFrame, type Frame, frameDecoder } from './frame.ts';

/** One end of a companion's socket: requests that are answered, notices that are not, and streams of bytes. */
export interface Peer {
  /** Rejects with WorldError: the other side's code, or PEER_GONE. */
  request(method: string, params: JsonObject): Promise<JsonValue>;
  notify(event: string, data: JsonObject): void;
  /** False: hold back until `drained`. */
  write(channel: number, bytes: Uint8Array): boolean;
  drained(): Promise<void>;
  pause(): void;
  resume(): void;
  close(): void;
  readonly gone: Promise<void>;
}

export type PeerListener = {
  onRequest?(method: string, params: JsonObject): Promise<JsonValue | undefined>;
  onNotice?(event: string, data: JsonObject): void;
  onBytes?(channel: number, bytes: Buffer): void;
};

/** Calls `onFrame` for what comes, and cuts off who breaks the framing. */
function receive(socket: Socket, onFrame: (frame: Frame) => void): void {
  const decode = frameDecoder();
  socket.on('data', (chunk: Buffer) => {
    try {
      for (const frame of decode(chunk)) onFrame(frame);
    } catch {
      socket.destroy();
    }
  });
  socket.on('error', () => socket.destroy());
}

type Waiting = {
  readonly resolve: (value: JsonValue) => void;
  readonly reject: (reason: WorldError) => void;
};

/** Speaks frames over `socket`. A peer that breaks the framing is cut off. */
export function peerOver(socket: Socket, listener: PeerListener): Peer {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  const { promise: gone, resolve: markGone } = Promise.withResolvers<void>();
  const goneError = (): WorldError => new WorldError('PEER_GONE', 'the connection to the companion ended');

  const answer = async (id: JsonValue | undefined, method: string, params: JsonObject): Promise<void> => {
    try {
      const result = await listener.onRequest?.(method, params);
      send({ id, result: result ?? null });
    } catch (thrown) {
      send({ id, error: { code: codeOf(thrown) ?? 'FAILED', message: messageOf(thrown) } });
    }
  };
  const send = (value: JsonObject): void => {
    if (!socket.destroyed && socket.writable) socket.write(encodeJsonFrame(value));
  };
  const receiveJson = (frame: Frame): void => {
    const message: unknown = JSON.parse(frame.payload.toString('utf8'));
    if (!isObject(message)) throw new WorldError('FRAME_INVALID', 'not an object');
    const data = isObject(message.data) ? message.data : {};
    if (typeof message.method === 'string') void answer(message.id, message.method, data);
    else if (typeof message.event === 'string') listener.onNotice?.(message.event, data);
    else if (typeof message.id === 'number') settle(message.id, message);
  };
  const settle = (id: number, message: JsonObject): void => {
    const one = waiting.get(id);
    waiting.delete(id);
    if (isObject(message.error)) {
      one?.reject(new WorldError(String(message.error.code), String(message.error.message)));
    } else one?.resolve(message.result ?? null);
  };

  receive(socket, (frame) => {
    if (frame.channel === channels.json) receiveJson(frame);
    else listener.onBytes?.(frame.channel, frame.payload);
  });
  socket.on('close', () => {
    for (const one of waiting.values()) one.reject(goneError());
    waiting.clear();
    markGone();
  });
  return {
    request: (method, data) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed || !socket.writable) return reject(goneError());
        if (waiting.size >= limits.companionRequestsMax) {
          return reject(new WorldError('TOO_MANY_REQUESTS', 'too many requests wait for the companion'));
        }
        lastId += 1;
        send({ id: lastId, method, data });
        waiting.set(lastId, { resolve, reject });
      }),
    notify: (event, data) => send({ event, data }),
    write: (channel, bytes) => socket.destroyed || socket.write(encodeFrame(channel, bytes)),
    drained: () => drained(socket),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close: () => void socket.destroySoon(),
    gone,
  };
}
