import test from 'ava';
import { limits } from '../base/limits.ts';
import { rawConnection } from '../testing/raw-connection.ts';
import { servedApi } from '../testing/served-api.ts';
import { PODS, streamedApi } from '../testing/streamed-api.ts';
import { until } from '../testing/until.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`;
const upgrade = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n` +
  `sec-websocket-version: 13\r\nsec-websocket-key: ${Buffer.alloc(16).toString('base64')}\r\n\r\n`;
const answersIn = (text: string): number => text.split('HTTP/1.1 ').length - 1;

test('requests that do not wait for their answers are answered one after the other', async (t) => {
  const api = await servedApi(t);
  const one = rawConnection(t, api);
  one.socket.write([get('/version'), get(MAPS), get('/healthz'), get(`${MAPS}/none`)].join(''));
  await until(() => answersIn(one.text()) === 4, { what: 'four answers' });
  t.deepEqual(
    one.text().match(/HTTP\/1\.1 \d+/g),
    [200, 200, 200, 404].map((code) => `HTTP/1.1 ${code}`),
  );
});

test('what is sent behind a watch costs nothing while that lasts, and too much of it ends the connection', async (t) => {
  const api = await servedApi(t);
  const one = rawConnection(t, api);
  one.socket.write(get(`${MAPS}?watch=1`));
  await until(() => answersIn(one.text()) === 1, { what: 'the watch' });
  const inFlight = async (): Promise<string> =>
    /request_kind="requests"\} (\d+)/.exec((await api.ask('GET /metrics')).text)?.[1] ?? '';
  one.socket.write(get(MAPS).repeat(limits.serverPipelinedMax));
  t.is((await api.ask(`GET ${MAPS}`)).code, 200);
  t.is(await inFlight(), '1', 'the question itself');
  t.false(one.closed());
  one.socket.write(get(MAPS).repeat(1_000));
  await until(one.closed, { what: 'the connection to end' });
  t.is(answersIn(one.text()), 1);
  t.is(await inFlight(), '1');
});

for (const [who, options] of [
  ['the admin', {}],
  ['nobody', { cert: undefined, key: undefined }],
] as const) {
  test(`an upgrade that does not wait for the answer before it comes after that: ${who}`, async (t) => {
    const api = await servedApi(t);
    const one = rawConnection(t, api, options);
    one.socket.write(get('/version') + upgrade('/api/v1/namespaces/default/pods/a/exec'));
    await until(() => answersIn(one.text()) === 2, { what: 'two answers' });
    t.is((await api.ask('GET /healthz')).text, 'ok');
    const other = rawConnection(t, api, options);
    other.socket.write(upgrade('/a/exec') + get('/version'));
    await until(other.closed, { what: 'the other to end' });
    t.is((await api.ask('GET /healthz')).text, 'ok');
  });
}

test('a stream may follow another request on its connection', async (t) => {
  const api = await streamedApi(t);
  const one = rawConnection(t, api);
  one.socket.write(get('/version') + upgrade(`${PODS}/box/exec?command=wait&stdout=true`));
  await until(() => one.text().includes('HTTP/1.1 101 '), { what: 'the upgrade' });
  t.regex(one.text(), /^HTTP\/1\.1 200 /);
  one.socket.destroy();
});
