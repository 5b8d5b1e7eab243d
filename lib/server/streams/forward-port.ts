import type { Duplex, Writable } from 'node:stream';
import { messageOf } from '../../base/errors.ts';

/**
 * Joins a client's connection with one to a port of the pod. Each direction ends by itself; what cannot be reached is told on `error`,
 * which ends when the pod's side has ended. Source: kubelet portforward.
 */
export async function forwardPort(
  client: { readonly data: Duplex; readonly error: Writable },
  place: {
    readonly port: number;
    readonly pod: string;
    readonly uid: string;
    connect(): Promise<Duplex>;
  },
): Promise<void> {
  const { data, error } = client;
  let connection: Duplex;
  try {
    connection = await place.connect();
  } catch (thrown) {
    const { port, pod, uid } = place;
    error.end(`error forwarding port ${port} to pod ${pod}, uid ${uid}: ${messageOf(thrown)}`);
    data.resume();
    data.end();
    return;
  }
  // A connection that breaks is one that ends.
  connection.on('error', () => undefined);
  connection.on('end', () => error.end());
  connection.on('close', () => {
    error.end();
    data.end();
    // What still comes goes nowhere, and must not hold back the rest of the client's connection.
    data.resume();
  });
  data.on('close', () => connection.destroy());
  if (data.destroyed) connection.destroy();
  data.pipe(connection);
  connection.pipe(data);
}
