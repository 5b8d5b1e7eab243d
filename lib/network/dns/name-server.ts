import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { limits, timings } from '../../base/limits.ts';
import { answerMessage } from './answer-message.ts';
import type { NameIndex } from './answer-query.ts';
import type { AskUpstream } from './ask-upstream.ts';
import { takeMessages, writeMessage } from './tcp-messages.ts';

/** Answers questions for names over UDP and TCP at one place. */
export type NameServer = {
  readonly port: number;
  update(index: NameIndex): void;
  close(): void;
};

/** Listens. Rejects with the system's error where either cannot be had. `port` 0: any that is free for both. */
export async function startNameServer(options: {
  readonly address: string;
  readonly port: number;
  readonly index: NameIndex;
  readonly ask: AskUpstream;
  readonly clock: Clock;
}): Promise<NameServer> {
  const { address, ask, clock } = options;
  let index = options.index;
  let turn = 0;
  const answer = (bytes: Buffer, transport: 'udp' | 'tcp'): Promise<Buffer | null> => {
    turn = (turn + 1) % 0x10000;
    return answerMessage(bytes, { index, turn, transport, ask });
  };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    if (sockets.size >= limits.dnsConnectionsMax) return void socket.destroy();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serveConnection(socket, clock, (bytes) => answer(bytes, 'tcp'));
  });
  const port = await listening(server, { host: address, port: options.port });
  const socket = createSocket('udp4');
  try {
    await bound(socket, { address, port });
  } catch (thrown) {
    server.close();
    throw thrown;
  }
  server.on('error', () => {});
  socket.on('error', () => {});
  socket.on('message', (bytes, from) => {
    void answer(bytes, 'udp').then((said) => {
      if (said !== null && !closed) socket.send(said, from.port, from.address, () => {});
    });
  });
  let closed = false;
  return {
    port,
    update: (next) => {
      index = next;
    },
    close: () => {
      closed = true;
      socket.close();
      server.close();
      for (const one of sockets) one.destroy();
    },
  };
}

function serveConnection(
  socket: Socket,
  clock: Clock,
  answer: (bytes: Buffer) => Promise<Buffer | null>,
): void {
  let atWork = 0;
  let idle = clock.setTimer(timings.dnsIdleMs, () => socket.destroy());
  socket.on('data', () => {
    idle.cancel();
    idle = clock.setTimer(timings.dnsIdleMs, () => socket.destroy());
  });
  socket.on('close', () => idle.cancel());
  socket.on('error', () => socket.destroy());
  socket.on(
    'data',
    takeMessages((bytes) => {
      if (atWork >= limits.dnsConnectionQueriesMax) return void socket.destroy();
      atWork += 1;
      void answer(Buffer.from(bytes)).then((said) => {
        atWork -= 1;
        if (said !== null && !socket.destroyed) socket.write(writeMessage(said));
      });
    }),
  );
}

function listening(server: Server, at: { readonly host: string; readonly port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ ...at, exclusive: true }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : at.port);
    });
  });
}

function bound(socket: UdpSocket, at: { readonly address: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', (thrown) => {
      socket.close();
      reject(thrown);
    });
    socket.bind({ ...at, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve();
    });
  });
}
