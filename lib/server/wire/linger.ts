import type { IncomingMessage } from 'node:http';
import { limits } from '../../base/limits.ts';

/**
 * Reads and throws away what is left of a request that was refused, up to a bound: closing on a client that still sends makes its
 * machine drop the answer unread. How long it may take is bounded by the server's time for a request.
 */
export function linger(request: IncomingMessage): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (request.complete || request.destroyed) return Promise.resolve();
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > limits.serverLingerBytesMax) resolve();
  });
  for (const end of ['end', 'error', 'close'] as const) request.once(end, () => resolve());
  request.resume();
  return promise;
}
