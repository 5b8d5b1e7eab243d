import test from 'ava';
import { servedApi } from '../../testing/served-api.ts';

const rows = [
  { ask: 'GET /nowhere', code: 404, text: /^404 page not found\n$/ },
  { ask: 'GET /apis/example.com/v1/things', code: 404, text: /^404 page not found\n$/ },
  { ask: 'POST /apis/example.com/v1/things', code: 404, text: /^404 page not found\n$/ },
  { ask: 'GET /apis/example.com', code: 404, text: /^404 page not found\n$/ },
  { ask: 'GET /apis/pintle.dev/v1/appliedobjects', code: 404, text: /^404 page not found\n$/ },
  { ask: 'GET /apis/apps/v9', code: 404, text: /"reason":"NotFound"/ },
  { ask: 'GET /apis/apps/v1/unicorns', code: 404, text: /"reason":"NotFound"/ },
  { ask: 'GET /api/v9', code: 404, text: /"reason":"NotFound"/ },
  { ask: 'GET /healthz', code: 200, text: /^ok$/ },
  { ask: 'GET /livez/ping', code: 200, text: /^ok$/ },
  { ask: 'GET /readyz/store', code: 200, text: /^ok$/ },
  { ask: 'GET /readyz/etcd', code: 404, text: /^404 page not found\n$/ },
  { ask: 'GET /healthz?verbose', code: 200, text: /^\[\+\]ping ok\n\[\+\]store ok\nhealthz check passed\n$/ },
  { ask: 'GET /readyz?verbose&exclude=store', code: 200, text: /\[\+\]store excluded: ok\n/ },
  { ask: 'GET /livez?verbose&exclude=a', code: 200, text: /no matches for "a"\nlivez check passed\n$/ },
  { ask: 'GET /version', code: 200, text: /"gitVersion":"v1\.\d+\.\d+/ },
  { ask: 'GET /metrics', code: 200, text: /^# TYPE apiserver_request_total counter$/m },
  ...['/healthz', '/readyz/ping', '/version', '/metrics', '/api', '/openapi/v3'].flatMap((path) =>
    ['POST', 'DELETE', 'PUT', 'PATCH'].map((method) => ({
      ask: `${method} ${path}`,
      code: 405,
      text: /"reason":"MethodNotAllowed"/,
    })),
  ),
] as const;

test('what is no object is answered as Kubernetes does', async (t) => {
  const api = await servedApi(t);
  for (const { ask, code, text } of rows) {
    const answer = await api.ask(ask);
    t.is(answer.code, code, `${ask}: ${answer.text}`);
    t.regex(answer.text, text, ask);
  }
});

test('answered requests are counted, and names that somebody makes up are not told apart', async (t) => {
  const api = await servedApi(t);
  await api.ask('GET /api/v1/pods');
  for (const name of ['a', 'b', 'c']) await api.ask(`GET /api/v1/${name}`);
  const { text } = await api.ask('GET /metrics');
  t.regex(text, /^apiserver_request_total\{code="200",resource="pods",verb="list"\} 1$/m);
  t.regex(text, /^apiserver_request_total\{code="404",resource="",verb="list"\} 3$/m);
  t.regex(text, /^apiserver_current_inflight_requests\{request_kind="requests"\} 1$/m);
});

test('nobody unknown reads more than the health, and the version', async (t) => {
  const api = await servedApi(t);
  for (const path of ['/metrics', '/readyz/store', '/nowhere', '/apis/example.com/v1/things']) {
    t.is((await api.ask(`GET ${path}`, { bare: true })).code, 401, path);
  }
});
