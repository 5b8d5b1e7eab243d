import type { Socket } from 'node:net';

type Peer = Pick<Socket, 'remoteAddress' | 'remotePort'>;

/**
 * Makes room for who comes when there are as many connections as there may be: of those that have not shown yet who they are, the
 * oldest goes. So nobody keeps all others out by opening connections and saying nothing on them.
 */
export type ConnectionRoom = {
  arrived(socket: Socket): void;
  /** Who is at the other end has shown who it is. */
  known(peer: Peer): void;
};

export function connectionRoom(connectionsMax: number): ConnectionRoom {
  // A socket under TLS and the one over it have the same peer. In the order they came.
  const strangers = new Map<string, Socket>();
  let open = 0;
  const nameOf = ({ remoteAddress, remotePort }: Peer): string => `${remoteAddress} ${remotePort}`;
  return {
    arrived(socket) {
      const name = nameOf(socket);
      open += 1;
      strangers.set(name, socket);
      socket.once('close', () => {
        open -= 1;
        if (strangers.get(name) === socket) strangers.delete(name);
      });
      if (open <= connectionsMax) return;
      const [oldest] = strangers;
      if (oldest === undefined) return;
      strangers.delete(oldest[0]);
      oldest[1].destroy();
    },
    known: (peer) => void strangers.delete(nameOf(peer)),
  };
}
