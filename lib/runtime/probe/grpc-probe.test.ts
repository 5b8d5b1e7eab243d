import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import {
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../base/clock.ts';
import { manualClock } from '../../base/manual-clock.ts';
import { seededRandom } from '../../base/random.ts';
import { simulatedDriver } from '../simulated/simulated-driver.ts';
import { simulatedState } from '../simulated/simulated-state.ts';
import { runHandler } from './run-handler.ts';

type Answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, body: Buffer) => void;

const framed = (...bytes: readonly number[]): Buffer => Buffer.from([0, 0, 0, 0, bytes.length, ...bytes]);

/** A call that is answered with a message and a status after it, as servers do. */
const answering =
  (message: Buffer, status = '0'): Answer =>
  (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }));
    stream.end(message);
  };

/** A call that has failed at once: its status stands among the headers. */
const failing =
  (status: string): Answer =>
  (stream) =>
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': status },
      { endStream: true },
    );

async function listening(t: ExecutionContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function grpcServer(t: ExecutionContext, answer: Answer): Promise<number> {
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    const body: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => body.push(chunk));
    stream.on('end', () => answer(stream, headers, Buffer.concat(body)));
  });
  t.teardown(() => {
    for (const session of sessions) session.destroy();
  });
  return listening(t, server);
}

/** The container declares port 9000, which really is that one. */
function probing(port: number) {
  const container = { name: 'web', ports: [{ containerPort: 9000 }] };
  const sandbox = { podUid: 'u', podIP: '127.0.0.1', ports: new Map([[9000, port]]), limitations: [] };
  const driver = simulatedDriver({ clock: manualClock(), random: seededRandom(1), state: simulatedState() });
  return (service?: string, timeoutMs = 5000) => {
    const edge = { driver, clock: systemClock({ keepAlive: true }) };
    return runHandler(
      { grpc: { port: 9000, service } },
      { id: 'u.web.0', container, sandbox },
      timeoutMs,
      edge,
    );
  };
}

test('grpc: the question is what the protocol says, and SERVING is success', async (t) => {
  const seen: (string | undefined)[] = [];
  const port = await grpcServer(t, (stream, headers, body) => {
    seen.push(
      headers[':method'],
      headers[':path'],
      headers['content-type'],
      String(headers.te),
      body.toString('hex'),
    );
    answering(framed(0x08, 1))(stream, headers, body);
  });
  t.like(await probing(port)('db'), { outcome: 'success' });
  t.deepEqual(seen, [
    'POST',
    '/grpc.health.v1.Health/Check',
    'application/grpc',
    'trailers',
    '00000000040a026462',
  ]);
});

for (const { title, answer, said } of [
  { title: 'NOT_SERVING', answer: answering(framed(0x08, 2)), said: /NOT_SERVING/ },
  { title: 'no status in the message', answer: answering(framed()), said: /UNKNOWN/ },
  {
    title: 'SERVING with a status that says no',
    answer: answering(framed(0x08, 1), '13'),
    said: /status 13/,
  },
  { title: 'a service that is not known', answer: failing('5'), said: /does not know the service/ },
  { title: 'a server without health checks', answer: failing('12'), said: /does not implement/ },
  {
    title: 'a status and no message',
    answer: failing('0'),
    said: /UNREADABLE/,
  },
  {
    title: 'a page instead of a call',
    answer: (stream: ServerHttp2Stream) => {
      stream.respond({ ':status': 404 });
      stream.end('<html>');
    },
    said: /HTTP status 404/,
  },
  { title: 'a call that is reset', answer: (stream: ServerHttp2Stream) => stream.close(2), said: /./ },
  {
    title: 'a connection that is dropped',
    answer: (stream: ServerHttp2Stream) => stream.session?.destroy(),
    said: /./,
  },
  {
    title: 'an answer without end',
    answer: (stream: ServerHttp2Stream) => {
      stream.respond({ ':status': 200 });
      stream.write(Buffer.alloc(65_536));
    },
    said: /too long/,
  },
]) {
  test(`grpc: ${title} is a failure that says so`, async (t) => {
    const result = await probing(await grpcServer(t, answer))();
    t.is(result.outcome, 'failure');
    t.regex(result.message, said);
  });
}

test('grpc: a server that never answers is given up in time', async (t) => {
  const { outcome, message } = await probing(await grpcServer(t, () => undefined))('', 100);
  t.is(outcome, 'failure');
  t.regex(message, /timed out/);
});

test('grpc: nobody there, something that is not HTTP/2, something that says nothing', async (t) => {
  const closed = createTcpServer();
  const port = await listening(t, closed);
  closed.close();
  t.is((await probing(port)()).outcome, 'failure');
  const http1 = createHttpServer((_, response) => response.end('hello'));
  t.is((await probing(await listening(t, http1))()).outcome, 'failure');
  const silent = createTcpServer((socket) => t.teardown(() => socket.destroy()));
  t.regex((await probing(await listening(t, silent))('', 100)).message, /timed out/);
});
