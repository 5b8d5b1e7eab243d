import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { figure } from './figure.ts';
import { freePort } from './free-port.ts';
import { type ApiPlace, keptConnection, requestBytes } from './kept-connection.ts';
import { load } from './load-process.ts';
import { residentMb } from './shipped-daemon.ts';

const START_MS = 15_000;
const LOOK_MS = 50;

/**
 * etcd alone, where it is on the PATH: durable puts of the objects that the API is given, through its gateway over plain HTTP, without TLS,
 * checks, or anybody who watches. What a Kubernetes API server adds to it is not in these figures.
 */
export async function etcdBeside(directory: string): Promise<void> {
  const port = await freePort();
  const etcd = started(join(directory, 'etcd'), { client: port, peer: await freePort() });
  const { pid } = etcd;
  if (pid === undefined) {
    process.stderr.write('etcd is not on the PATH: nothing is measured beside the API\n');
    return;
  }
  const place: ApiPlace = { host: '127.0.0.1', port, tls: null };
  try {
    await ready(place);
    for (const connections of [1, 16, 64]) {
      const requests = connections === 1 ? 2_000 : 5_000;
      const put = await load({ place, pid }, { job: 'etcd-put', connections, requests });
      figure('etcd alone: puts of 2 KiB', requests / (put.ms / 1000), 'requests/s', {
        ...{ writers: connections, p50Ms: put.p50Ms, p99Ms: put.p99Ms, ...put.machine },
      });
    }
    figure('etcd alone: resident memory', residentMb(pid), 'MB', {
      peak: Math.round(residentMb(pid, 'VmHWM')),
    });
  } finally {
    const gone = once(etcd, 'exit');
    etcd.kill('SIGKILL');
    await gone;
  }
}

function started(data: string, ports: { readonly client: number; readonly peer: number }): ChildProcess {
  const client = `http://127.0.0.1:${ports.client}`;
  const peer = `http://127.0.0.1:${ports.peer}`;
  const args = [
    ...['--name', 'bench', '--data-dir', data, '--log-level', 'error'],
    ...['--listen-client-urls', client, '--advertise-client-urls', client],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
    ...['--initial-cluster', `bench=${peer}`],
  ];
  const child = spawn('etcd', args, { stdio: 'ignore' });
  // Without a pid it was not found: that is looked at.
  child.on('error', () => undefined);
  return child;
}

async function ready(place: ApiPlace): Promise<void> {
  const deadline = performance.now() + START_MS;
  while (!(await isHealthy(place))) {
    if (performance.now() > deadline) throw new Error('etcd does not begin to serve');
    await pause(LOOK_MS);
  }
}

async function isHealthy(place: ApiPlace): Promise<boolean> {
  try {
    const connection = await keptConnection(place);
    const { code } = await connection.ask(requestBytes(place, 'GET', '/health'));
    connection.close();
    return code === 200;
  } catch {
    return false;
  }
}
