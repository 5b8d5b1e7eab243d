import { createSocket } from 'node:dgram';
import { chmod, mkdir } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../base/clock.ts';
import { instanceLockHolder } from '../base/companion/instance-lock.ts';
import { silentLog } from '../base/log.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { until } from '../testing/until.ts';
import type { ListenFailure, ProxyListener } from './proxy/proxy-table.ts';
import { type ProxyClient, proxyClient } from './proxy-client.ts';

type World = {
  readonly client: ProxyClient;
  readonly dataDirectory: string;
  readonly failures: () => readonly ListenFailure[];
  readonly backs: () => number;
  another(): ProxyClient;
};

async function world(t: ExecutionContext): Promise<World> {
  const dataDirectory = join(await temporaryDirectory(t), 'data');
  await mkdir(dataDirectory);
  await chmod(dataDirectory, 0o700);
  let failures: readonly ListenFailure[] = [];
  let backs = 0;
  const another = (): ProxyClient =>
    proxyClient({
      dataDirectory,
      clock: systemClock(),
      log: silentLog(),
      onFailures: (next) => {
        failures = next;
      },
      onBack: () => {
        backs += 1;
      },
    });
  const client = another();
  t.teardown(async () => {
    await client.close();
    const last = another();
    await last.open();
    await last.shutDown();
  });
  await client.open();
  return { client, dataDirectory, failures: () => failures, backs: () => backs, another };
}

const setTable = async (client: ProxyClient, table: readonly ProxyListener[]) =>
  (await client.setState({ table, machine: null, names: { services: [], pods: [] } })).failures;

/** Every test has a port of its own; the addresses are loopback. */
let lastPort = 17_300 + (process.pid % 500);
const newPort = (): number => {
  lastPort += 1;
  return lastPort;
};

async function serve(
  t: ExecutionContext,
  address: string,
  onSocket: (socket: Socket) => void,
): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    onSocket(socket);
  });
  t.teardown(async () => void server.close());
  await new Promise<void>((resolve) => server.listen(0, address, () => resolve()));
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const listener = (more: Partial<ProxyListener>): ProxyListener => ({
  protocol: 'TCP',
  address: '127.96.255.1',
  port: 80,
  service: 'shop/web',
  backends: [],
  affinitySeconds: null,
  ...more,
});

/** Connects, sends, finishes sending, and reads to the end; the error's code when it is refused or reset. */
async function ask(port: number, request = '', address = '127.96.255.1'): Promise<string> {
  const socket = createConnection({ host: address, port, allowHalfOpen: true });
  try {
    socket.end(request);
    return await text(socket);
  } catch (thrown) {
    return String((thrown as NodeJS.ErrnoException).code);
  } finally {
    socket.destroy();
  }
}

test('connections go round the backends, past those that do not answer', async (t) => {
  const { client } = await world(t);
  const servers = await Promise.all(
    ['a', 'b'].map((name) => serve(t, '127.97.255.1', (socket) => socket.end(name))),
  );
  const port = newPort();
  const dead = { address: '127.97.255.9', port: 1 };
  const backends = [...servers.map((server) => ({ address: '127.97.255.1', port: portOf(server) })), dead];
  t.deepEqual(await setTable(client, [listener({ port, backends })]), []);
  const answers = [];
  for (let at = 0; at < 6; at += 1) answers.push(await ask(port));
  t.is(answers.filter((answer) => answer === 'a' || answer === 'b').length, 6);
  t.is(new Set(answers).size, 2);
});

test('a client may finish sending and still read', async (t) => {
  const { client } = await world(t);
  const server = await serve(t, '127.0.0.1', (socket) => {
    void text(socket).then((got) => socket.end(`got ${got.length}`));
  });
  const port = newPort();
  await setTable(client, [listener({ port, backends: [{ address: '127.0.0.1', port: portOf(server) }] })]);
  t.is(await ask(port, 'x'.repeat(300_000)), 'got 300000');
});

test('without backends connecting is refused, and when all are dead it is reset', async (t) => {
  const { client } = await world(t);
  const port = newPort();
  await setTable(client, [listener({ port })]);
  t.is(await ask(port), 'ECONNREFUSED');
  await setTable(client, [listener({ port, backends: [{ address: '127.97.255.9', port: 1 }] })]);
  t.is(await ask(port), 'ECONNRESET');
});

test('a backend that goes keeps its connections; new ones go elsewhere', async (t) => {
  const { client } = await world(t);
  const old = await serve(t, '127.0.0.1', (socket) => socket.pipe(socket));
  const next = await serve(t, '127.0.0.1', (socket) => socket.end('new'));
  const port = newPort();
  const to = (server: Server) => [{ address: '127.0.0.1', port: portOf(server) }];
  await setTable(client, [listener({ port, backends: to(old) })]);
  const socket = createConnection({ host: '127.96.255.1', port });
  t.teardown(async () => void socket.destroy());
  let echoed = '';
  socket.on('data', (chunk) => {
    echoed += String(chunk);
  });
  socket.write('1');
  await until(() => echoed === '1', { what: 'the first echo' });
  await setTable(client, [listener({ port, backends: to(next) })]);
  t.is(await ask(port), 'new');
  await setTable(client, []);
  socket.write('2');
  await until(() => echoed === '12', { what: 'the connection goes on' });
  t.is(await ask(port), 'ECONNREFUSED');
});

test('a place that is taken is reported, and had once it is free', async (t) => {
  const { client, failures } = await world(t);
  const port = newPort();
  const backend = await serve(t, '127.0.0.1', (socket) => socket.end('ok'));
  const squatter = createServer((socket) => socket.end('squatter'));
  await new Promise<void>((resolve) => squatter.listen(port, '0.0.0.0', () => resolve()));
  t.teardown(async () => void squatter.close());
  const table = [listener({ port, backends: [{ address: '127.0.0.1', port: portOf(backend) }] })];
  t.like((await setTable(client, table))[0], { port, service: 'shop/web', code: 'EADDRINUSE' });
  squatter.close();
  await until(async () => (await ask(port)) === 'ok', { what: 'the proxy has the place' });
  await until(() => failures().length === 0, { what: 'the failure is taken back' });
  t.pass();
});

test('kill -9 of the proxy: the next one listens as before, without being told', async (t) => {
  const { client, dataDirectory, backs, another } = await world(t);
  const backend = await serve(t, '127.0.0.1', (socket) => socket.end('ok'));
  const port = newPort();
  await setTable(client, [listener({ port, backends: [{ address: '127.0.0.1', port: portOf(backend) }] })]);
  const pid = instanceLockHolder(join(dataDirectory, 'proxy'))?.pid ?? 0;
  process.kill(pid, 'SIGKILL');
  await until(() => backs() === 1, { what: 'there is another proxy' });
  t.is(await ask(port), 'ok');
  t.not(instanceLockHolder(join(dataDirectory, 'proxy'))?.pid, pid);
  // A daemon that goes leaves it running, and the next one finds it.
  await client.close();
  t.is(await ask(port), 'ok');
  const next = another();
  await next.open();
  t.deepEqual(await setTable(next, []), []);
  await next.close();
});

test('datagrams go to a backend and the answers come back', async (t) => {
  const { client } = await world(t);
  const server = createSocket('udp4');
  t.teardown(async () => void server.close());
  server.on('message', (bytes, from) => server.send(`echo ${bytes}`, from.port, from.address));
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', () => resolve()));
  const port = newPort();
  const backends = [{ address: '127.0.0.1', port: server.address().port }];
  t.deepEqual(await setTable(client, [listener({ protocol: 'UDP', port, backends })]), []);
  const socket = createSocket('udp4');
  t.teardown(async () => void socket.close());
  const answers: string[] = [];
  socket.on('message', (bytes) => answers.push(String(bytes)));
  await until(
    () => {
      socket.send('hello', port, '127.96.255.1');
      return answers.length > 1;
    },
    { what: 'two answers' },
  );
  t.is(answers[0], 'echo hello');
});
