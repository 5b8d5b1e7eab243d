import { type WebSocket, WebSocketServer } from 'ws';
import { ApiError } from '../../../api/api-error.ts';
import { messageOf } from '../../../base/errors.ts';
import { limits } from '../../../base/limits.ts';
import type { Exchange } from '../../exchange.ts';
import { listed, negotiate } from '../negotiate.ts';

/** What the client speaks, as far as it is served; '' where it names none, and that is among them. BadRequest. */
export function webSocketProtocol<T extends string>(exchange: Exchange, spoken: readonly T[]): T {
  const offered = listed(exchange.request.headersDistinct['sec-websocket-protocol']);
  const chosen = negotiate(offered.length === 0 ? [''] : offered, spoken);
  if (chosen !== null) return chosen;
  const names = spoken.filter((name) => name !== '').join(' ');
  throw new ApiError(
    'BadRequest',
    `requested protocol(s) are not supported: [${offered.join(' ')}]; supports [${names}]`,
  );
}

/** Makes the request's connection a WebSocket that speaks `protocol`. BadRequest, which is answered as HTTP still. */
export function openWebSocket(exchange: Exchange, protocol: string): WebSocket {
  const { request, response, upgrade } = exchange;
  if (upgrade === null) throw new ApiError('BadRequest', 'Upgrade request required');
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.streamMessageBytesMax,
  });
  // Kubernetes has a name with a slash in it, which ws takes for an error: it is not to see any.
  delete request.headers['sec-websocket-protocol'];
  server.on('headers', (headers) => {
    if (protocol !== '') headers.push(`Sec-WebSocket-Protocol: ${protocol}`);
  });
  let refusal = 'the connection is gone';
  server.on('wsClientError', (failure) => {
    refusal = messageOf(failure);
  });
  let opened: WebSocket | null = null;
  server.handleUpgrade(request, upgrade.socket, upgrade.head, (socket) => {
    opened = socket;
  });
  const socket = opened as WebSocket | null;
  if (socket !== null) {
    // The response stays with the connection: it is over when that is.
    response.statusCode = 101;
    return socket;
  }
  throw new ApiError('BadRequest', `no WebSocket: ${refusal}`);
}
