import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { constants, createGzip } from 'node:zlib';
import type { Clock } from '../../base/clock.ts';
import { drained } from '../../base/drained.ts';
import { limits, timings } from '../../base/limits.ts';
import { acceptsGzip, writeJson } from './write-response.ts';

export type Piece = string | Uint8Array;

/**
 * JSON in pieces as the whole answer. Each is made when the client has taken those before it: one that asks for much and reads little
 * costs no more than a chunk, and is cut off when it takes nothing for a while. Resolves when the client has it, or is gone.
 */
export async function writePieces(
  response: ServerResponse,
  { clock, code }: { readonly clock: Clock; readonly code: number },
  pieces: Iterable<Piece>,
): Promise<void> {
  const chunks = chunksOf(pieces);
  const first = chunks.next();
  if (first.done) return writeJson(response, code, '');
  const second = chunks.next();
  if (second.done) return writeJson(response, code, first.value);
  response.statusCode = code;
  response.setHeader('content-type', 'application/json');
  response.setHeader('cache-control', 'no-cache, private');
  const body = bodyOf(response);
  const over = new Promise<void>((resolve) => {
    response.once('close', resolve);
  });
  const taken = async (step: Promise<void>): Promise<void> => {
    const stall = clock.setTimer(timings.answerStallMs, () => response.destroy());
    await Promise.race([step, over]);
    stall.cancel();
  };
  body.write(first.value);
  let next: IteratorResult<Uint8Array, void> = second;
  while (!next.done && !response.destroyed) {
    await taken(drained(body));
    if (!body.destroyed) body.write(next.value);
    next = chunks.next();
  }
  body.end();
  await taken(over);
}

/** What is written to, which may pack it on its way. */
function bodyOf(response: ServerResponse): Writable {
  if (response.req.method === 'HEAD' || !acceptsGzip(response)) return response;
  response.setHeader('content-encoding', 'gzip');
  response.setHeader('vary', 'accept-encoding');
  const packer = createGzip({ level: constants.Z_BEST_SPEED });
  packer.on('data', (chunk: Buffer) => {
    if (!response.write(chunk)) packer.pause();
  });
  response.on('drain', () => packer.resume());
  packer.on('end', () => response.end());
  packer.on('error', () => response.destroy());
  response.once('close', () => packer.destroy());
  return packer;
}

/** Pieces joined, and long ones cut, to chunks of the size that is written at a time. */
function* chunksOf(pieces: Iterable<Piece>): Generator<Uint8Array, void> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    let rest = typeof piece === 'string' ? Buffer.from(piece) : piece;
    while (bytes + rest.length > limits.serverAnswerChunkBytes) {
      const room = limits.serverAnswerChunkBytes - bytes;
      yield Buffer.concat([...held, rest.subarray(0, room)]);
      rest = rest.subarray(room);
      held = [];
      bytes = 0;
    }
    held.push(rest);
    bytes += rest.length;
  }
  if (bytes > 0) yield Buffer.concat(held);
}
