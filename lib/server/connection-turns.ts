import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { limits } from '../base/limits.ts';

/**
 * Answers the requests of one connection one after the other, however they come: what is answered out of its turn would wait in memory
 * for those before it, and a watch lasts for long.
 */
export type ConnectionTurns = {
  /**
   * Calls `answer` when everything before it on this connection has been answered, at once where there is nothing; never when the
   * connection ends before. The turn lasts until the response that it gives is closed. False: too many wait already.
   */
  take(socket: Duplex, answer: () => ServerResponse): boolean;
  /** What is being answered now. */
  answering(socket: Duplex): ServerResponse | undefined;
};

type Connection = { answering: ServerResponse | null; waiting: (() => ServerResponse)[] };

export function connectionTurns(): ConnectionTurns {
  // What waits goes with its connection.
  const connections = new WeakMap<Duplex, Connection>();
  const begin = (socket: Duplex, connection: Connection, answer: () => ServerResponse): void => {
    const response = answer();
    connection.answering = response;
    response.once('close', () => {
      connection.answering = null;
      if (socket.destroyed || socket.writableEnded) connection.waiting = [];
      const next = connection.waiting.shift();
      if (next !== undefined) begin(socket, connection, next);
    });
  };
  return {
    take(socket, answer) {
      const connection = connections.get(socket) ?? { answering: null, waiting: [] };
      connections.set(socket, connection);
      if (connection.waiting.length >= limits.serverPipelinedMax) return false;
      if (connection.answering === null) begin(socket, connection, answer);
      else connection.waiting.push(answer);
      return true;
    },
    answering: (socket) => connections.get(socket)?.answering ?? undefined,
  };
}
