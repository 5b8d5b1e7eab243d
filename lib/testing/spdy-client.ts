import { connect, type TLSSocket } from 'node:tls';
import { createDeflate, createInflate } from 'node:zlib';
import { encodeFrame } from '../server/streams/spdy/encode-frame.ts';
import { frameDecoder } from '../server/streams/spdy/frame-decoder.ts';
import { decodeHeaders, encodeHeaders } from '../server/streams/spdy/header-block.ts';
import { HEADER_DICTIONARY } from '../server/streams/spdy/header-dictionary.ts';
import type { SpdyFrame } from '../server/streams/spdy/spdy-frame.ts';
import type { ServedApi } from './served-api.ts';

/** What came on one stream so far. */
export type ReceivedStream = {
  text: string;
  bytes: number;
  replied: boolean;
  ended: boolean;
  reset: boolean;
};

/** A client of SPDY over a real connection that can also do what no client should. */
export type SpdyClient = {
  readonly socket: TLSSocket;
  /** The head of the answer to the upgrade. */
  readonly head: string;
  readonly frames: readonly SpdyFrame[];
  /** Opens a stream; its number. */
  open(headers: Readonly<Record<string, string>>): Promise<number>;
  send(frame: SpdyFrame): void;
  data(streamId: number, text: string | Buffer, fin?: boolean): void;
  stream(streamId: number): ReceivedStream;
  ended(): boolean;
};

/** The admin's connection, over TLS, with nothing sent. */
export function adminSocket({ server, certificates }: ServedApi): TLSSocket {
  const { authority, admin } = certificates;
  const socket = connect({
    host: '127.0.0.1',
    port: server.port,
    ca: authority.certificatePem,
    cert: admin.certificatePem,
    key: admin.keyPem,
  });
  socket.on('error', () => undefined);
  return socket;
}

/** Upgrades a request to `path`, which must be answered with 101. */
export async function spdyClient(
  served: ServedApi,
  options: { readonly path: string; readonly protocols: readonly string[] },
): Promise<SpdyClient> {
  const socket = adminSocket(served);
  const lines = [
    `POST ${options.path} HTTP/1.1`,
    'Host: pintle',
    'Connection: Upgrade',
    'Upgrade: SPDY/3.1',
    ...options.protocols.map((name) => `X-Stream-Protocol-Version: ${name}`),
    'Content-Length: 0',
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  const answered = Promise.withResolvers<string>();
  const frames: SpdyFrame[] = [];
  const streams = new Map<number, ReceivedStream>();
  const stream = (id: number): ReceivedStream => {
    const known = streams.get(id) ?? { text: '', bytes: 0, replied: false, ended: false, reset: false };
    streams.set(id, known);
    return known;
  };
  const decode = frameDecoder();
  const inflate = createInflate({ dictionary: HEADER_DICTIONARY });
  inflate.on('data', (chunk: Buffer) => decodeHeaders(chunk));
  let head: string | null = null;
  let held = Buffer.alloc(0);
  let over = false;
  socket.on('close', () => {
    over = true;
    answered.reject(new Error('the connection ended'));
  });
  const receive = (chunk: Buffer): void => {
    for (const frame of decode(chunk)) {
      frames.push(frame);
      if (frame.type === 'syn-reply') {
        inflate.write(frame.headerBlock);
        stream(frame.streamId).replied = true;
      } else if (frame.type === 'rst-stream') stream(frame.streamId).reset = true;
      else if (frame.type === 'data') {
        const of = stream(frame.streamId);
        of.text = (of.text + frame.payload.toString()).slice(0, 100_000);
        of.bytes += frame.payload.length;
        of.ended ||= frame.fin;
      }
    }
  };
  socket.on('data', (chunk: Buffer) => {
    if (head !== null) return receive(chunk);
    held = Buffer.concat([held, chunk]);
    const at = held.indexOf('\r\n\r\n');
    if (at < 0) return;
    head = held.toString('latin1', 0, at);
    answered.resolve(head);
    receive(held.subarray(at + 4));
  });
  const told = await answered.promise;
  if (!told.startsWith('HTTP/1.1 101 ')) throw new Error(`not upgraded: ${told}`);
  const deflate = createDeflate({ dictionary: HEADER_DICTIONARY });
  const packed: Buffer[] = [];
  deflate.on('data', (chunk: Buffer) => packed.push(chunk));
  let lastId = -1;
  const send = (frame: SpdyFrame): void => void socket.write(encodeFrame(frame));
  return {
    socket,
    head: told,
    frames,
    send,
    stream,
    ended: () => over,
    data: (streamId, content, fin = false) =>
      send({ type: 'data', streamId, fin, payload: Buffer.from(content) }),
    async open(headers) {
      deflate.write(encodeHeaders(new Map(Object.entries(headers))));
      await new Promise<void>((resolve) => deflate.flush(resolve));
      lastId += 2;
      const headerBlock = Buffer.concat(packed.splice(0));
      send({ type: 'syn-stream', streamId: lastId, fin: false, headerBlock });
      return lastId;
    },
  };
}
