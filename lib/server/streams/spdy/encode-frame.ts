import { assertNever } from '../../../base/errors.ts';
import { controlNumbers, FLAG_FIN, INITIAL_WINDOW_SIZE, SPDY_VERSION, type SpdyFrame } from './spdy-frame.ts';

/** A frame as it goes over the wire. */
export function encodeFrame(frame: SpdyFrame): Buffer {
  if (frame.type === 'data') {
    return withHeader(frame.streamId, frame.fin ? FLAG_FIN : 0, frame.payload);
  }
  const first = (0x8000_0000 | (SPDY_VERSION << 16) | controlNumbers[frame.type]) >>> 0;
  switch (frame.type) {
    case 'syn-stream':
      return withHeader(
        first,
        frame.fin ? FLAG_FIN : 0,
        // No associated stream; priority 0.
        Buffer.concat([words(frame.streamId, 0), Buffer.alloc(2), frame.headerBlock]),
      );
    case 'syn-reply':
    case 'headers':
      return withHeader(
        first,
        frame.fin ? FLAG_FIN : 0,
        Buffer.concat([words(frame.streamId), frame.headerBlock]),
      );
    case 'rst-stream':
      return withHeader(first, 0, words(frame.streamId, frame.status));
    case 'settings':
      return withHeader(
        first,
        0,
        frame.initialWindowBytes === null
          ? words(0)
          : words(1, INITIAL_WINDOW_SIZE, frame.initialWindowBytes),
      );
    case 'ping':
      return withHeader(first, 0, words(frame.id));
    case 'goaway':
      return withHeader(first, 0, words(frame.lastStreamId, frame.status));
    case 'window-update':
      return withHeader(first, 0, words(frame.streamId, frame.deltaBytes));
    default:
      return assertNever(frame);
  }
}

function withHeader(first: number, flags: number, rest: Buffer): Buffer {
  return Buffer.concat([words(first, ((flags << 24) | rest.length) >>> 0), rest]);
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 4);
  values.forEach((value, at) => {
    bytes.writeUInt32BE(value, at * 4);
  });
  return bytes;
}
