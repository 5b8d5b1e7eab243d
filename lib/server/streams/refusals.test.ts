import test from 'ava';
import { adminSocket } from '../../testing/spdy-client.ts';
import { PODS, streamedApi } from '../../testing/streamed-api.ts';
import { until } from '../../testing/until.ts';

const WEBSOCKET = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
};
const CHANNELS = { ...WEBSOCKET, 'sec-websocket-protocol': 'v5.channel.k8s.io' };
const SPDY = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4.channel.k8s.io' };
const as = (user: string) => ({ 'impersonate-user': user });
const RUN = 'exec?command=true&stdout=true';

type Refusal = {
  readonly title: string;
  readonly what: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly bare?: boolean;
  readonly code: number;
  readonly reason?: string;
  readonly says?: RegExp;
};

const refusals: readonly Refusal[] = [
  { title: 'no credentials', what: `GET ${PODS}/box/${RUN}`, bare: true, code: 401, reason: 'Unauthorized' },
  {
    title: 'somebody who may not, by GET',
    what: `GET ${PODS}/box/${RUN}`,
    headers: { ...CHANNELS, ...as('ann') },
    code: 403,
    reason: 'Forbidden',
    says: /User "ann" cannot get resource "pods\/exec"/,
  },
  {
    title: 'somebody who may not, by POST',
    what: `POST ${PODS}/box/portforward`,
    headers: { ...SPDY, ...as('ann') },
    code: 403,
    reason: 'Forbidden',
    says: /User "ann" cannot create resource "pods\/portforward"/,
  },
  { title: 'a pod that is not there', what: `GET ${PODS}/none/${RUN}`, code: 404, reason: 'NotFound' },
  {
    title: 'a pod without a node',
    what: `GET ${PODS}/new/${RUN}`,
    code: 400,
    reason: 'BadRequest',
    says: /pod new does not have a host assigned/,
  },
  {
    title: 'several containers, none of them named',
    what: `GET ${PODS}/two/${RUN}`,
    code: 400,
    reason: 'BadRequest',
    says: /a container name must be specified for pod two, choose one of: \[main side\]/,
  },
  {
    title: 'a container that the pod has not',
    what: `GET ${PODS}/two/${RUN}&container=other`,
    code: 400,
    reason: 'BadRequest',
    says: /container other is not valid for pod two/,
  },
  {
    title: 'no command',
    what: `GET ${PODS}/box/exec?stdout=true`,
    code: 400,
    reason: 'BadRequest',
    says: /at least one command/,
  },
  {
    title: 'nothing to stream',
    what: `GET ${PODS}/box/attach?stdout=false`,
    code: 400,
    reason: 'BadRequest',
    says: /at least 1 of stdin, stdout, stderr/,
  },
  {
    title: 'a container that does not run',
    what: `GET ${PODS}/done/${RUN}`,
    code: 500,
    says: /^container not found \("main"\)$/,
  },
  {
    title: 'port-forward to a pod that does not run',
    what: `POST ${PODS}/done/portforward`,
    headers: SPDY,
    code: 500,
    says: /^pod not found \("done_default"\)$/,
  },
  {
    title: 'no upgrade',
    what: `POST ${PODS}/box/${RUN}`,
    headers: {},
    code: 400,
    reason: 'BadRequest',
    says: /^Upgrade request required$/,
  },
  {
    title: 'an upgrade to something else',
    what: `POST ${PODS}/box/${RUN}`,
    headers: { connection: 'Upgrade', upgrade: 'h2c' },
    code: 400,
    says: /^Upgrade request required$/,
  },
  {
    title: 'a protocol of channels that is not served',
    what: `GET ${PODS}/box/${RUN}`,
    headers: { ...WEBSOCKET, 'sec-websocket-protocol': 'v3.channel.k8s.io, chat' },
    code: 400,
    reason: 'BadRequest',
    says: /not supported: \[v3\.channel\.k8s\.io chat\]; supports \[v5\.channel\.k8s\.io/,
  },
  {
    title: 'a WebSocket without a key',
    what: `GET ${PODS}/box/${RUN}`,
    headers: { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
    code: 400,
    reason: 'BadRequest',
  },
  {
    title: 'SPDY without a protocol',
    what: `POST ${PODS}/box/${RUN}`,
    headers: { connection: 'Upgrade', upgrade: 'SPDY/3.1' },
    code: 400,
    says: /X-Stream-Protocol-Version is required/,
  },
  {
    title: 'SPDY with protocols that are not served',
    what: `POST ${PODS}/box/${RUN}`,
    headers: { ...SPDY, 'x-stream-protocol-version': 'v9.channel.k8s.io' },
    code: 403,
    says: /client supports \[v9\.channel\.k8s\.io\], server accepts \[v5\.channel\.k8s\.io/,
  },
  {
    title: 'port-forward over channels without a port',
    what: `GET ${PODS}/box/portforward`,
    headers: { ...WEBSOCKET, 'sec-websocket-protocol': 'v4.channel.k8s.io' },
    code: 400,
    says: /"port" is required/,
  },
  {
    title: 'port-forward over channels to no port',
    what: `GET ${PODS}/box/portforward?ports=70000`,
    headers: { ...WEBSOCKET, 'sec-websocket-protocol': 'v4.channel.k8s.io' },
    code: 400,
    says: /invalid port "70000"/,
  },
  { title: 'another method', what: `PUT ${PODS}/box/${RUN}`, headers: SPDY, code: 405 },
];

for (const { title, what, headers = CHANNELS, bare = false, code, reason, says } of refusals) {
  test(`refused as HTTP: ${title}`, async (t) => {
    const served = await streamedApi(t);
    const answer = await served.ask(what, { headers, bare });
    t.is(answer.code, code, answer.text);
    if (reason !== undefined) t.like(answer.body, { kind: 'Status', status: 'Failure', reason, code });
    if (says !== undefined) t.regex(String(answer.body.message ?? answer.text.trim()), says);
    t.is(served.sessions.length, 0);
    t.is((await served.ask('GET /healthz')).code, 200);
  });
}

test('an upgrade elsewhere is passed over: the request is answered', async (t) => {
  const served = await streamedApi(t);
  const answer = await served.ask(`GET ${PODS}/box`, { headers: CHANNELS });
  t.is(answer.code, 200);
  t.like(answer.body, { kind: 'Pod' });
});

test('what comes behind a refused request is not taken for another one', async (t) => {
  const served = await streamedApi(t);
  const socket = adminSocket(served);
  let said = '';
  let over = false;
  socket.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  socket.on('close', () => {
    over = true;
  });
  const head = 'HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n';
  socket.write(`POST ${PODS}/none/${RUN} ${head}GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n`);
  await until(() => over, { what: 'the connection to end' });
  t.is(said.match(/HTTP\/1\.1/g)?.length, 1);
  t.true(said.startsWith('HTTP/1.1 404 '));
});

test('open streams end with the server', async (t) => {
  const served = await streamedApi(t);
  const client = await served.channels(`${PODS}/box/exec?command=wait&stdout=true`, ['v5.channel.k8s.io']);
  await served.server.close();
  await until(() => client.ended() && served.sessions[0]?.killed === true, { what: 'the stream to end' });
  t.pass();
});
