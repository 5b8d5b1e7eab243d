import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { Balancer } from './balancer.ts';
import { forwardTcp } from './forward-tcp.ts';
import { udpForwarder } from './forward-udp.ts';
import type { ProxyListener } from './proxy-table.ts';

/** Something that listens; `close` stops taking new connections and leaves those it has. */
export type Listening = { close(): void };

type Place = Pick<ProxyListener, 'protocol' | 'address' | 'port'>;

/** Connections of the whole process. */
export type ConnectionCount = { count: number };

export type Forwarding = {
  readonly balancer: Balancer;
  readonly clock: Clock;
  readonly connections: ConnectionCount;
  /** Whether a client may connect, by its address. */
  readonly admits: (address: string) => boolean;
};

/** Listens at a place and forwards what comes. Rejects with the system's error. */
export function listenAt(place: Place, forwarding: Forwarding): Promise<Listening> {
  return place.protocol === 'TCP' ? listenTcp(place, forwarding) : listenUdp(place, forwarding);
}

function listenTcp(place: Place, { balancer, clock, connections, admits }: Forwarding): Promise<Listening> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    if (connections.count >= limits.proxyConnectionsMax || !admits(client.remoteAddress ?? '')) {
      client.resetAndDestroy();
      return;
    }
    connections.count += 1;
    client.once('close', () => {
      connections.count -= 1;
    });
    void forwardTcp(client, balancer, clock);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: place.address, port: place.port, backlog: 511, exclusive: true }, () => {
      server.off('error', reject);
      // EMFILE on accept: the connection waits in the kernel's queue.
      server.on('error', () => {});
      resolve({ close: () => void server.close() });
    });
  });
}

function listenUdp(place: Place, { balancer, clock, admits }: Forwarding): Promise<Listening> {
  const socket = createSocket('udp4');
  const forwarder = udpForwarder(socket, balancer, clock);
  return new Promise((resolve, reject) => {
    socket.once('error', (thrown) => {
      socket.close();
      reject(thrown);
    });
    socket.bind({ port: place.port, address: place.address, exclusive: true }, () => {
      socket.removeAllListeners('error');
      socket.on('error', () => {});
      socket.on('message', (bytes, from) => {
        if (admits(from.address)) forwarder.onDatagram(bytes, from);
      });
      resolve({
        close: () => {
          forwarder.close();
          socket.close();
        },
      });
    });
  });
}
