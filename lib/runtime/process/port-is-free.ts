import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { codeOf } from '../../base/errors.ts';

/** Whether a program could listen on `port` of all addresses right now. Somebody may take it the next moment. */
export async function portIsFree(port: number, protocols: ReadonlySet<'TCP' | 'UDP'>): Promise<boolean> {
  if (protocols.has('TCP') && !(await tcpIsFree(port))) return false;
  return !protocols.has('UDP') || (await udpIsFree(port));
}

async function tcpIsFree(port: number): Promise<boolean> {
  const code = await tryTcp(port, '::');
  // No IPv6 on this machine.
  if (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL') return (await tryTcp(port, '0.0.0.0')) === null;
  return code === null;
}

/** null: it could. */
function tryTcp(port: number, host: string): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (thrown) => resolve(codeOf(thrown) ?? 'FAILED'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

function udpIsFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ port, address: '0.0.0.0', exclusive: true }, () => socket.close(() => resolve(true)));
  });
}

/** Ports below this are root's (net.ipv4.ip_unprivileged_port_start). */
export function firstUnprivilegedPort(): number {
  try {
    const port = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'latin1'));
    return Number.isSafeInteger(port) ? port : 1024;
  } catch {
    return 1024;
  }
}
