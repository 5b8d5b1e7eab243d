import { createConnection, type Socket } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';
import type { Balancer } from './balancer.ts';
import type { Backend } from './proxy-table.ts';

/**
 * Joins a client's connection to the first backend that answers. Each direction ends by itself (a client may finish sending and still
 * read); an error on one side resets the other. Both sides last as long as they like: a backend that left the table keeps what it has.
 * The client was accepted with `allowHalfOpen` and `pauseOnConnect`.
 */
export async function forwardTcp(client: Socket, balancer: Balancer, clock: Clock): Promise<void> {
  // Gone while it waits for a backend: nothing listens for it otherwise.
  client.on('error', () => client.destroy());
  const from = client.remoteAddress ?? '';
  for (const backend of balancer.order(from, clock.now())) {
    if (client.destroyed) return;
    const server = await connectTo(backend, clock);
    if (server === null) continue;
    balancer.chosen(from, backend, clock.now());
    join(client, server);
    return;
  }
  // As if nothing listened.
  client.resetAndDestroy();
}

function connectTo(backend: Backend, clock: Clock): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = createConnection({
      host: backend.address,
      port: backend.port,
      allowHalfOpen: true,
      noDelay: true,
    });
    const timer = clock.setTimer(timings.proxyConnectMs, () => fail());
    const fail = (): void => {
      timer.cancel();
      socket.destroy();
      resolve(null);
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      timer.cancel();
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

function join(client: Socket, server: Socket): void {
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    one.on('error', () => other.resetAndDestroy());
    one.on('close', () => {
      // Closed whole before it said its end.
      if (!one.readableEnded) other.destroy();
    });
    one.setKeepAlive(true, timings.proxyKeepAliveMs);
  }
  client.setNoDelay(true);
  if (client.destroyed) {
    server.destroy();
    return;
  }
  client.pipe(server);
  server.pipe(client);
}
