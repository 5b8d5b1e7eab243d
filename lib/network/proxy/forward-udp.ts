import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import type { Clock, EpochMs, Timer } from '../../base/clock.ts';
import { limits, timings } from '../../base/limits.ts';
import type { Balancer } from './balancer.ts';
import type { Backend } from './proxy-table.ts';

type Flow = { readonly socket: Socket; readonly backend: Backend; lastMs: EpochMs; timer: Timer };

/**
 * Passes datagrams between clients and backends: each client (address and port) is a flow with a backend and a socket of its own, as
 * long as something goes either way. Datagrams may be lost, as they may anywhere.
 */
export function udpForwarder(
  listening: Socket,
  balancer: Balancer,
  clock: Clock,
): { onDatagram(bytes: Buffer, from: RemoteInfo): void; close(): void } {
  const flows = new Map<string, Flow>();
  const end = (key: string): void => {
    const flow = flows.get(key);
    flows.delete(key);
    flow?.timer.cancel();
    flow?.socket.close();
  };
  const watchIdle = (key: string): Timer =>
    clock.setTimer(timings.proxyUdpIdleMs, () => {
      const flow = flows.get(key);
      if (flow === undefined) return;
      if (clock.now() - flow.lastMs >= timings.proxyUdpIdleMs) end(key);
      else flow.timer = watchIdle(key);
    });
  const begin = (key: string, from: RemoteInfo): Flow | null => {
    const backend = balancer.order(from.address, clock.now())[0];
    if (backend === undefined || flows.size >= limits.proxyUdpFlowsMax) return null;
    balancer.chosen(from.address, backend, clock.now());
    const socket = createSocket('udp4');
    const flow: Flow = { socket, backend, lastMs: clock.now(), timer: watchIdle(key) };
    flows.set(key, flow);
    // Refused by the backend: the next datagram gets another one.
    socket.on('error', () => end(key));
    socket.on('message', (bytes) => {
      flow.lastMs = clock.now();
      listening.send(bytes, from.port, from.address);
    });
    socket.connect(backend.port, backend.address);
    return flow;
  };
  return {
    onDatagram: (bytes, from) => {
      const key = `${from.address}:${from.port}`;
      const held = flows.get(key);
      // It has no end that anybody sees: with its backend's it begins anew, at another one.
      const stays = held === undefined || balancer.has(held.backend);
      if (!stays) end(key);
      const known = stays ? held : undefined;
      const flow = known ?? begin(key, from);
      if (flow === null) return;
      flow.lastMs = clock.now();
      const send = (): void => flow.socket.send(bytes, () => {});
      if (known === undefined) flow.socket.once('connect', send);
      else {
        try {
          send();
        } catch {
          // Not connected yet: lost.
        }
      }
    },
    close: () => {
      for (const key of [...flows.keys()]) end(key);
    },
  };
}
