/**
 * A process in a pod's network that asks a place over and over: `{host, port, connections, durationMs, kept}` as JSON in the only argument,
 * `{requests, ms}` as a line of JSON on stdout. As little of HTTP/1.1 as that takes: a whole client would be what is measured.
 */
import { connect, type Socket } from 'node:net';

export type ServiceJob = {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  readonly durationMs: number;
  /** Whether a connection is used again, or each request has its own. */
  readonly kept: boolean;
};
export type ServiceResult = { readonly requests: number; readonly ms: number };

/** Of one process. Those closed lately keep their ports for a minute, and a pod has 28,000 of them to one place: all rounds have to fit, direct and by rules. */
const CONNECTIONS_MAX = 1_500;

const REQUEST = 'GET / HTTP/1.1\r\nHost: bench\r\n\r\n';

async function load({ host, port, connections, durationMs, kept }: ServiceJob): Promise<ServiceResult> {
  const start = performance.now();
  let requests = 0;
  const isOver = (): boolean =>
    performance.now() - start >= durationMs || (!kept && requests >= CONNECTIONS_MAX);
  const ask = (socket: Socket): Promise<void> =>
    new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.on('data', () => {
        requests += 1;
        if (kept && !isOver()) return void socket.write(REQUEST);
        socket.destroy();
        resolve();
      });
      socket.write(REQUEST);
    });
  const work = async (): Promise<void> => {
    while (!isOver()) await ask(connect({ host, port, noDelay: true }));
  };
  await Promise.all(Array.from({ length: connections }, work));
  return { requests, ms: performance.now() - start };
}

const result = await load(JSON.parse(process.argv[2] ?? '') as ServiceJob);
process.stdout.write(`${JSON.stringify(result)}\n`);
