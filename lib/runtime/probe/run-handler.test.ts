import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../base/clock.ts';
import { manualClock } from '../../base/manual-clock.ts';
import { seededRandom } from '../../base/random.ts';
import type { Container } from '../../schema/types.gen.ts';
import { simulatedDriver } from '../simulated/simulated-driver.ts';
import { simulatedState } from '../simulated/simulated-state.ts';
import { type Handler, runHandler } from './run-handler.ts';

/** A server on a free port; the container declares port 8080, which really is that one. */
async function serving(t: ExecutionContext, answer: RequestListener) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const container: Container = { name: 'web', ports: [{ name: 'http', containerPort: 8080 }] };
  const sandbox = { podUid: 'u', podIP: '127.0.0.1', ports: new Map([[8080, port]]), limitations: [] };
  const clock = systemClock({ keepAlive: true });
  const driver = simulatedDriver({ clock: manualClock(), random: seededRandom(1), state: simulatedState() });
  const run = (handler: Handler, timeoutMs = 5000) =>
    runHandler(handler, { id: 'u.web.0', container, sandbox }, timeoutMs, { driver, clock });
  return { run, port };
}

for (const { title, status, outcome } of [
  { title: '200', status: 200, outcome: 'success' },
  { title: '399', status: 399, outcome: 'success' },
  { title: '400', status: 400, outcome: 'failure' },
  { title: '503', status: 503, outcome: 'failure' },
] as const) {
  test(`http: status ${title} is ${outcome}`, async (t) => {
    const { run } = await serving(t, (_request, response) => response.writeHead(status).end('body'));
    t.is((await run({ httpGet: { port: 'http', path: '/healthz' } })).outcome, outcome);
  });
}

test('http: the path, its query, headers and the prober’s name are sent', async (t) => {
  const seen: string[] = [];
  const { run } = await serving(t, ({ url, headers }, response) => {
    seen.push(`${url} ${headers['x-probe']} ${headers['user-agent']?.split('/')[0]}`);
    response.end();
  });
  await run({ httpGet: { port: 8080, path: '/h?a=b', httpHeaders: [{ name: 'X-Probe', value: 'yes' }] } });
  t.deepEqual(seen, ['/h?a=b yes kube-probe']);
});

test('http: a redirect on the same host is followed; one to another host is success', async (t) => {
  const { run } = await serving(t, ({ url }, response) => {
    if (url === '/here') response.writeHead(302, { location: '/there' }).end();
    else if (url === '/away') response.writeHead(302, { location: 'http://other.invalid/' }).end();
    else if (url === '/round') response.writeHead(302, { location: '/round' }).end();
    else response.writeHead(500).end();
  });
  t.is((await run({ httpGet: { port: 8080, path: '/here' } })).outcome, 'failure');
  t.is((await run({ httpGet: { port: 8080, path: '/away' } })).outcome, 'success');
  t.regex((await run({ httpGet: { port: 8080, path: '/round' } })).message, /redirects/);
});

test('http: an answer without end is cut off, one that does not come times out', async (t) => {
  const { run } = await serving(t, ({ url }, response) => {
    if (url !== '/endless') return;
    const write = (): void => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    };
    response.on('drain', write);
    write();
  });
  t.is((await run({ httpGet: { port: 8080, path: '/endless' } })).outcome, 'success');
  const silent = await run({ httpGet: { port: 8080, path: '/silent' } }, 50);
  t.is(silent.outcome, 'failure');
  t.regex(silent.message, /timed out/);
});

test('tcp: an open port is success, a closed or unknown one failure', async (t) => {
  const { run } = await serving(t, (_request, response) => response.end());
  t.is((await run({ tcpSocket: { port: 'http' } })).outcome, 'success');
  t.is((await run({ tcpSocket: { port: 1 } })).outcome, 'failure');
  t.is((await run({ tcpSocket: { port: 'nope' } })).outcome, 'failure');
});

test('exec: a driver that is away leaves the outcome unknown', async (t) => {
  const { run } = await serving(t, (_request, response) => response.end());
  t.is((await run({ exec: { command: ['true'] } })).outcome, 'unknown');
});

test('http: a header or path that cannot be sent is a failure, not a crash', async (t) => {
  const { run } = await serving(t, (_request, response) => response.end());
  const httpHeaders = [{ name: 'bad header', value: 'x' }];
  t.is((await run({ httpGet: { port: 8080, httpHeaders } })).outcome, 'failure');
});

test('a hook by http has done its work when it is answered, whatever the status; nobody there is a failure', async (t) => {
  const { port } = await serving(t, (_request, response) => response.writeHead(500).end());
  const container = { name: 'web' };
  const sandbox = { podUid: 'u', podIP: '127.0.0.1', ports: new Map(), limitations: [] };
  const driver = simulatedDriver({ clock: manualClock(), random: seededRandom(1), state: simulatedState() });
  const edge = { driver, clock: systemClock({ keepAlive: true }) };
  const target = { id: 'u.web.0', container, sandbox, anyStatus: true };
  t.is((await runHandler({ httpGet: { port } }, target, 5000, edge)).outcome, 'success');
  t.is((await runHandler({ httpGet: { port: 1 } }, target, 5000, edge)).outcome, 'failure');
});

test('sleep: takes its time, but no more than there is', async (t) => {
  const clock = manualClock();
  const driver = simulatedDriver({ clock, random: seededRandom(1), state: simulatedState() });
  const sandbox = { podUid: 'u', podIP: '127.0.0.1', ports: new Map(), limitations: [] };
  const target = { id: 'u.web.0', container: { name: 'web' }, sandbox };
  const sleep = (seconds: number, timeoutMs: number) =>
    runHandler({ sleep: { seconds } }, target, timeoutMs, { driver, clock });
  const began = clock.now();
  const short = sleep(5, 30_000);
  await clock.run(5000);
  t.is((await short).outcome, 'success');
  const long = sleep(50, 2000);
  await clock.run(2000);
  t.is((await long).outcome, 'success');
  t.is(clock.now() - began, 7000);
  const none = sleep(0, 1000);
  await clock.run(0);
  t.is((await none).outcome, 'success');
});
