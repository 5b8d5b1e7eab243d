import { UserError } from '../../../base/errors.ts';
import { limits } from '../../../base/limits.ts';
import {
  type ControlType,
  controlNumbers,
  FLAG_FIN,
  FRAME_HEADER_BYTES,
  INITIAL_WINDOW_SIZE,
  SPDY_VERSION,
  type SpdyFrame,
} from './spdy-frame.ts';

/**
 * Bytes as they come, to frames. The data of a stream is given on as it comes, in pieces of a frame if need be (`fin` with the last):
 * nothing is held but a control frame that is not whole. Throws UserError SPDY_INVALID for what is no SPDY/3, or larger than is
 * taken; the decoder is of no use after that.
 */
export function frameDecoder(): (chunk: Buffer) => readonly SpdyFrame[] {
  let held: Buffer = Buffer.alloc(0);
  let data: { readonly streamId: number; readonly fin: boolean; leftBytes: number } | null = null;
  return (chunk) => {
    const frames: SpdyFrame[] = [];
    let rest = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    held = Buffer.alloc(0);
    for (;;) {
      if (data !== null) {
        const payload = rest.subarray(0, data.leftBytes);
        rest = rest.subarray(payload.length);
        data.leftBytes -= payload.length;
        const fin = data.fin && data.leftBytes === 0;
        if (payload.length > 0 || fin) frames.push({ type: 'data', streamId: data.streamId, fin, payload });
        if (data.leftBytes > 0) return frames;
        data = null;
      }
      if (rest.length < FRAME_HEADER_BYTES) break;
      const first = rest.readUInt32BE(0);
      const flags = rest.readUInt8(4);
      const bytes = rest.readUIntBE(5, 3);
      if (first < 0x8000_0000) {
        data = { streamId: first, fin: (flags & FLAG_FIN) !== 0, leftBytes: bytes };
        rest = rest.subarray(FRAME_HEADER_BYTES);
        continue;
      }
      // Before anything is collected.
      if (((first >>> 16) & 0x7fff) !== SPDY_VERSION) throw invalid('it is not of version 3');
      if (bytes > limits.spdyControlBytesMax) throw invalid(`a control frame has ${bytes} bytes`);
      if (rest.length < FRAME_HEADER_BYTES + bytes) break;
      const payload = rest.subarray(FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + bytes);
      const frame = controlFrame(first & 0xffff, (flags & FLAG_FIN) !== 0, payload);
      if (frame !== null) frames.push(frame);
      rest = rest.subarray(FRAME_HEADER_BYTES + bytes);
    }
    // A copy: what is held would hold the whole chunk.
    held = Buffer.from(rest);
    return frames;
  };
}

function invalid(what: string): UserError {
  return new UserError('SPDY_INVALID', `no frame of SPDY/3: ${what}`);
}

const types: ReadonlyMap<number, ControlType> = new Map(
  (Object.keys(controlNumbers) as ControlType[]).map((type) => [controlNumbers[type], type]),
);

/** Bytes before the header block, or of the whole frame. */
const leastBytes: Readonly<Record<ControlType, number>> = {
  'syn-stream': 10,
  'syn-reply': 4,
  'rst-stream': 8,
  settings: 4,
  ping: 4,
  goaway: 8,
  headers: 4,
  'window-update': 8,
};

/** null: of a type that is to be ignored, as the draft says. */
function controlFrame(number: number, fin: boolean, payload: Buffer): SpdyFrame | null {
  const type = types.get(number);
  if (type === undefined) return null;
  if (payload.length < leastBytes[type]) throw invalid(`${type} is cut short`);
  const id = payload.readUInt32BE(0) & 0x7fff_ffff;
  const second = payload.length >= 8 ? payload.readUInt32BE(4) : 0;
  switch (type) {
    case 'syn-stream':
    case 'syn-reply':
    case 'headers':
      return { type, streamId: id, fin, headerBlock: Buffer.from(payload.subarray(leastBytes[type])) };
    case 'rst-stream':
      return { type, streamId: id, status: second };
    case 'settings':
      return { type, initialWindowBytes: initialWindowOf(payload) };
    case 'ping':
      return { type, id: payload.readUInt32BE(0) };
    case 'goaway':
      return { type, lastStreamId: id, status: second };
    case 'window-update':
      return { type, streamId: id, deltaBytes: second & 0x7fff_ffff };
  }
}

function initialWindowOf(payload: Buffer): number | null {
  const entries = payload.readUInt32BE(0);
  if (payload.length !== 4 + entries * 8) throw invalid('settings have another length than they say');
  for (let at = 4; at < payload.length; at += 8) {
    if (payload.readUIntBE(at + 1, 3) === INITIAL_WINDOW_SIZE)
      return payload.readUInt32BE(at + 4) & 0x7fff_ffff;
  }
  return null;
}
