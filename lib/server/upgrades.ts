import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import { Socket } from 'node:net';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { ConnectionTurns } from './connection-turns.ts';

/** The connection of a request that asks to become something else than HTTP. */
export type Upgrade = {
  readonly protocol: 'websocket' | 'spdy';
  readonly socket: Socket;
  /** What came behind the request already. */
  readonly head: Buffer;
};

const PROTOCOLS: ReadonlyMap<string, Upgrade['protocol']> = new Map([
  ['websocket', 'websocket'],
  ['spdy/3.1', 'spdy'],
]);
/** What lies behind `/proxy/` is the pod's path: its requests are never upgraded, and their bodies have to be read. */
const UPGRADED_PATH =
  /^(?!\/api\/v1\/namespaces\/[^/]+\/[^/]+\/[^/]+\/proxy\/)[^?]*\/(?:exec|attach|portforward)\/?(?:\?|$)/;

/** Whether this is one of the requests that are upgraded; any other is answered as if it had not asked. */
export function asksForUpgrade(request: IncomingMessage): boolean {
  return protocolOf(request) !== undefined && UPGRADED_PATH.test(request.url ?? '');
}

function protocolOf({ headers }: IncomingMessage): Upgrade['protocol'] | undefined {
  return PROTOCOLS.get((headers.upgrade ?? '').trim().toLowerCase());
}

type Answer = (request: IncomingMessage, response: ServerResponse, upgrade: Upgrade | null) => void;

/**
 * Hands on requests for an upgrade, with a response for those that are refused: until it is upgraded, a request is one like any other.
 * `closeAll` ends what was upgraded, of which the server itself knows nothing any more.
 */
export function serveUpgrades(
  server: Server,
  by: { readonly log: Log; readonly turns: ConnectionTurns },
  answer: Answer,
): { closeAll(): void } {
  const { log, turns } = by;
  const open = new Set<Socket>();
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', (failure) => log.debug('stream-broken', { message: messageOf(failure) }));
    if (!(socket instanceof Socket)) return void socket.destroy();
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    const begin = (): ServerResponse => {
      const response = new ServerResponse(request);
      response.shouldKeepAlive = false;
      response.assignSocket(socket);
      response.on('finish', () => socket.destroySoon());
      response.on('error', (failure) => log.debug('response-broken', { message: messageOf(failure) }));
      const protocol = protocolOf(request);
      answer(request, response, protocol === undefined ? null : { protocol, socket, head });
      return response;
    };
    // Another answer may still be on its way: a connection has room for one.
    if (!turns.take(socket, begin)) socket.destroy();
  });
  return {
    closeAll: () => {
      for (const socket of open) socket.destroy();
    },
  };
}
