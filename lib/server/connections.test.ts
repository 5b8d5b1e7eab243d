import { connect as connectPlain } from 'node:net';
import test from 'ava';
import type { JsonObject } from '../base/json.ts';
import { limits } from '../base/limits.ts';
import { rawConnection, statusIn } from '../testing/raw-connection.ts';
import { servedApi } from '../testing/served-api.ts';
import { until } from '../testing/until.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';

const quick = {
  headersTimeout: 300,
  requestTimeout: 600,
  connectionsCheckingInterval: 50,
  handshakeTimeout: 300,
};

test('who sends headers, or a body, one byte after the other is told so and let go', async (t) => {
  const api = await servedApi(t, { bounds: { times: quick } });
  for (const begun of [
    `GET ${MAPS} HTTP/1.1\r\nhost: a\r\nx-a: `,
    `POST ${MAPS} HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n{"a":"`,
  ]) {
    const slow = rawConnection(t, api);
    slow.socket.write(begun);
    const drip = setInterval(() => slow.socket.write('a'), 50);
    t.teardown(() => clearInterval(drip));
    await until(slow.closed, { what: 'the connection to end' });
    clearInterval(drip);
    t.regex(slow.text(), /^HTTP\/1\.1 408 /);
    t.like(statusIn(slow.text()).body, { kind: 'Status', code: 408, reason: 'Timeout' });
  }
  const silent = rawConnection(t, api);
  await until(silent.closed, { what: 'a connection without a request to end' });
  const handshake = connectPlain(api.server.port, '127.0.0.1');
  let ended = false;
  handshake.on('error', () => undefined);
  handshake.on('close', () => {
    ended = true;
  });
  await until(() => ended, { what: 'a connection without TLS to end' });
  t.is((await api.ask('GET /healthz')).text, 'ok');
});

const refused = [
  { title: 'no HTTP at all', bytes: 'hello\r\n\r\n', code: 400 },
  { title: 'a header that is none', bytes: 'GET / HTTP/1.1\r\nhost: a\r\nb\u0000: c\r\n\r\n', code: 400 },
  {
    title: 'two lengths',
    bytes: 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\na',
    code: 400,
  },
  {
    title: 'a length and chunks',
    bytes: 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    code: 400,
  },
  {
    title: 'headers without end',
    bytes: `GET / HTTP/1.1\r\nhost: a\r\nx: ${'a'.repeat(limits.serverHeaderBytesMax)}\r\n\r\n`,
    code: 431,
  },
  {
    title: 'a URL without end',
    bytes: `GET /${'a'.repeat(limits.serverHeaderBytesMax)} HTTP/1.1\r\nhost: a\r\n\r\n`,
    code: 431,
  },
] as const;

for (const { title, bytes, code } of refused) {
  test(`${title} gets ${code} and a Status`, async (t) => {
    const api = await servedApi(t);
    const one = rawConnection(t, api);
    one.socket.write(bytes);
    await until(one.closed, { what: 'the connection to end' });
    t.regex(one.text(), new RegExp(`^HTTP/1\\.1 ${code} `));
    t.like(statusIn(one.text()).body, { kind: 'Status', status: 'Failure', code });
    t.is((await api.ask('GET /healthz')).text, 'ok');
  });
}

test('a body that is too large gets its 413, whether its length was said or not, though the client sends on', async (t) => {
  const api = await servedApi(t);
  const mebibyte = Buffer.alloc(1024 * 1024, 'a');
  const said = rawConnection(t, api);
  said.socket.write(`POST ${MAPS} HTTP/1.1\r\nhost: a\r\ncontent-length: ${6 * mebibyte.length}\r\n\r\n`);
  for (let at = 0; at < 6; at += 1) said.socket.write(mebibyte);
  const unsaid = rawConnection(t, api);
  unsaid.socket.write(`POST ${MAPS} HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n`);
  for (let at = 0; at < 6; at += 1) {
    unsaid.socket.write(`${mebibyte.length.toString(16)}\r\n`);
    unsaid.socket.write(mebibyte);
    unsaid.socket.write('\r\n');
  }
  unsaid.socket.write('0\r\n\r\n');
  for (const one of [said, unsaid]) {
    await until(one.closed, { what: 'the connection to end' });
    t.regex(one.text(), /^HTTP\/1\.1 413 /);
    t.like(statusIn(one.text()).body, { reason: 'RequestEntityTooLarge', code: 413 });
  }
  const endless = rawConnection(t, api);
  endless.socket.write(`POST ${MAPS} HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n`);
  const flood = (): void => {
    while (!endless.closed() && endless.socket.write(`100000\r\n${'a'.repeat(0x10_00_00)}\r\n`));
  };
  endless.socket.on('drain', flood);
  flood();
  await until(endless.closed, { what: 'the endless body to be cut off' });
  t.is((await api.ask('GET /healthz')).text, 'ok');
});

test('a body that breaks off changes nothing', async (t) => {
  const api = await servedApi(t);
  const one = rawConnection(t, api);
  one.socket.write(
    `POST ${MAPS} HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{"metadata":{"name":"half"}}`,
  );
  await until(async () => /requests"\} 2/.test((await api.ask('GET /metrics')).text), {
    what: 'the request',
  });
  one.socket.destroy();
  await until(async () => /requests"\} 1/.test((await api.ask('GET /metrics')).text), { what: 'its end' });
  t.is((await api.ask(`GET ${MAPS}/half`)).code, 404);
});

test('there are no more connections than there may be, and who was there is served on', async (t) => {
  const api = await servedApi(t, { bounds: { connectionsMax: 5 } });
  t.is((await api.ask('GET /healthz')).text, 'ok', 'the first connection is kept');
  const others = Array.from({ length: 12 }, () => rawConnection(t, api));
  await until(() => others.filter(({ closed }) => closed()).length >= 8, {
    what: 'those too many to be closed',
  });
  t.is((await api.ask('GET /healthz')).text, 'ok');
  for (const { socket } of others) socket.destroy();
});

test('who says nothing on many connections keeps nobody out', async (t) => {
  const api = await servedApi(t, { bounds: { connectionsMax: 20 } });
  const watch = api.watch(`${MAPS}?watch=1&resourceVersion=0`);
  await until(async () => /streams"\} 1/.test((await api.ask('GET /metrics')).text), { what: 'a watch' });
  const plain = Array.from({ length: 60 }, () => {
    const socket = connectPlain(api.server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    t.teardown(() => socket.destroy());
    return socket;
  });
  await until(() => plain.filter(({ destroyed }) => destroyed).length >= 40, { what: 'the oldest to go' });
  const late = rawConnection(t, api);
  late.socket.write(`GET ${MAPS} HTTP/1.1\r\nhost: a\r\n\r\n`);
  await until(() => late.text().startsWith('HTTP/1.1 200 '), { what: 'an answer' });
  t.is((await api.ask('GET /healthz')).text, 'ok');
  t.false(watch.ended());
  watch.close();
});

test('older TLS than 1.2 is not spoken', async (t) => {
  const api = await servedApi(t);
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  const one = rawConnection(t, api, old);
  one.socket.on('secureConnect', () => t.fail());
  await until(one.closed, { what: 'the refusal' });
  const two = rawConnection(t, api, { maxVersion: 'TLSv1.2' });
  const { promise, resolve } = Promise.withResolvers<void>();
  two.socket.on('secureConnect', resolve);
  await promise;
  t.is(two.socket.getProtocol(), 'TLSv1.2');
});

test('one user gets no more than her share, and 429 with a time to come back; another one is served', async (t) => {
  const few = {
    requests: { all: 10, user: 5 },
    streams: { all: 4, user: 2 },
    sessions: { all: 4, user: 2 },
  };
  const api = await servedApi(t, { bounds: { inFlight: few } });
  const first = [1, 2].map(() => api.watch(`${MAPS}?watch=1&resourceVersion=0`));
  await until(async () => /streams"\} 2/.test((await api.ask('GET /metrics')).text), { what: 'two watches' });
  const third = await api.ask(`GET ${MAPS}?watch=1&resourceVersion=0`);
  t.is(third.code, 429);
  t.is(third.headers['retry-after'], '1');
  t.like(third.body, { kind: 'Status', reason: 'TooManyRequests', details: { retryAfterSeconds: 1 } });
  t.is((await api.ask(`GET ${MAPS}`)).code, 200, 'what is short is counted apart');
  const issued = await api.ask('POST /api/v1/namespaces/default/serviceaccounts/default/token', { body: {} });
  const headers = { authorization: `Bearer ${String((issued.body.status as JsonObject).token)}` };
  const other = await api.ask(`GET ${MAPS}?watch=1&resourceVersion=0`, { bare: true, headers });
  t.is(other.code, 403, 'she had a place, and may not');
  first[0]?.close();
  await until(async () => /streams"\} 1/.test((await api.ask('GET /metrics')).text), { what: 'one to end' });
  const again = api.watch(`${MAPS}?watch=1&resourceVersion=0&timeoutSeconds=1`);
  await until(again.ended, { what: 'a watch that was let in' });
  first[1]?.close();
});
