import { createServer } from 'node:net';

/** Those of the ports that can be listened at now, in their order; all of them where none can: then whoever listens will say why. */
export async function freePorts(address: string, ports: readonly number[]): Promise<readonly number[]> {
  const free: number[] = [];
  for (const port of ports) if (await canListen(address, port)) free.push(port);
  return free.length > 0 ? free : ports;
}

function canListen(host: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once('error', () => resolve(false));
  server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  return promise;
}
