import type { Duplex } from 'node:stream';
import { ApiError } from '../../../api/api-error.ts';
import type { Exchange } from '../../exchange.ts';
import { writeText } from '../../wire/write-response.ts';
import { listed, negotiate } from '../negotiate.ts';

const VERSION_HEADER = 'x-stream-protocol-version';

/**
 * What the client speaks over SPDY, as far as it is served; null: none of it, and it was told so, with what is.
 * BadRequest where it names none. Source: apimachinery httpstream.Handshake.
 */
export function spdyProtocol<T extends string>(exchange: Exchange, spoken: readonly T[]): T | null {
  const { request, response } = exchange;
  const offered = listed(request.headersDistinct[VERSION_HEADER]);
  if (offered.length === 0) {
    throw new ApiError('BadRequest', 'unable to upgrade: X-Stream-Protocol-Version is required');
  }
  const chosen = negotiate(offered, spoken);
  if (chosen !== null) return chosen;
  response.setHeader('x-accepted-stream-protocol-versions', [...spoken]);
  const text = `client supports [${offered.join(' ')}], server accepts [${spoken.join(' ')}]`;
  writeText(response, 403, `unable to upgrade: unable to negotiate protocol: ${text}\n`);
  return null;
}

/** Makes the request's connection one of SPDY/3.1, of which streams speak `protocol`. */
export function openSpdy(exchange: Exchange, protocol: string): Duplex {
  const { response, upgrade } = exchange;
  if (upgrade === null) throw new ApiError('BadRequest', 'Upgrade request required');
  const { socket, head } = upgrade;
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Connection: Upgrade',
    'Upgrade: SPDY/3.1',
    `X-Stream-Protocol-Version: ${protocol}`,
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  if (head.length > 0) socket.unshift(head);
  socket.setNoDelay(true);
  // The response stays with the connection: it is over when that is.
  response.statusCode = 101;
  return socket;
}
