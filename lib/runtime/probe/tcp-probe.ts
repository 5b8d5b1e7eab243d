import { connect } from 'node:net';

/** Whether the port accepts a connection; it is closed at once. Rejects with the system's error. */
export function tcpProbe(
  target: { readonly host: string; readonly port: number },
  abort: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host: target.host, port: target.port, signal: abort });
  socket.on('connect', () => {
    resolve();
    socket.destroy();
  });
  socket.on('error', reject);
  return promise;
}
