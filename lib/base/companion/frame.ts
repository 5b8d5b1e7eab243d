import { WorldError } from '../errors.ts';
import { limits } from '../limits.ts';

/** Channel 0 carries JSON; 1 to 3 carry the bytes of stdin, stdout and stderr. */
export const channels = { json: 0, stdin: 1, stdout: 2, stderr: 3 } as const;

/** On the wire: length of the rest (4 bytes, big endian), channel (1 byte), payload. */
export type Frame = { readonly channel: number; readonly payload: Buffer };

const HEADER_BYTES = 5;

export function encodeFrame(channel: number, payload: Uint8Array): Buffer {
  if (payload.length > limits.companionFrameBytesMax) throw tooLarge(payload.length);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  bytes.writeUInt32BE(payload.length + 1, 0);
  bytes.writeUInt8(channel, 4);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

export function encodeJsonFrame(value: unknown): Buffer {
  return encodeFrame(channels.json, Buffer.from(JSON.stringify(value)));
}

function tooLarge(bytes: number): WorldError {
  return new WorldError('FRAME_TOO_LARGE', `a message of ${bytes} bytes is more than the bound allows`, {
    bytes,
    bytesMax: limits.companionFrameBytesMax,
  });
}

/** Collects bytes and gives back whole frames. Throws WorldError FRAME_TOO_LARGE before it collects too much. */
export function frameDecoder(): (chunk: Buffer) => readonly Frame[] {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let neededBytes = HEADER_BYTES;
  return (chunk) => {
    pending.push(chunk);
    pendingBytes += chunk.length;
    const frames: Frame[] = [];
    while (pendingBytes >= neededBytes) {
      const bytes = pending.length === 1 ? (pending[0] ?? Buffer.alloc(0)) : Buffer.concat(pending);
      pending = [bytes];
      const lengthBytes = bytes.readUInt32BE(0);
      if (lengthBytes < 1 || lengthBytes > limits.companionFrameBytesMax + 1) throw tooLarge(lengthBytes);
      if (bytes.length < 4 + lengthBytes) {
        neededBytes = 4 + lengthBytes;
        break;
      }
      frames.push({
        channel: bytes.readUInt8(4),
        payload: bytes.subarray(HEADER_BYTES, 4 + lengthBytes),
      });
      pending = [bytes.subarray(4 + lengthBytes)];
      pendingBytes = bytes.length - 4 - lengthBytes;
      neededBytes = HEADER_BYTES;
    }
    return frames;
  };
}
