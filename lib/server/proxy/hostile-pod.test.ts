import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { connect } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import type { KubeObject } from '../../schema/object.ts';
import { fakeNodeAgent } from '../../testing/fake-node-agent.ts';
import { type ServedApi, servedApi } from '../../testing/served-api.ts';

const caller = { user: 'test', groups: ['system:masters'], fieldManager: 'test' } as const;
const PODS = '/api/v1/namespaces/default/pods';

/** A pod whose program is a bare socket. */
type HostilePod = {
  readonly api: ServedApi;
  /** The next connection to it. */
  connection(): Promise<Socket>;
  /** What it was sent, once that holds `text`. */
  heard(text: string): Promise<string>;
};

/** It says `answer` to whatever it hears; '': nothing. */
async function hostilePod(t: ExecutionContext, answer: string): Promise<HostilePod> {
  const sockets = new Set<Socket>();
  let text = '';
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      server.emit('heard');
      if (answer !== '') socket.write(answer, 'latin1');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { nodes } = fakeNodeAgent({ forwardTo: (server.address() as AddressInfo).port });
  const api = await servedApi(t, { nodes });
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default' },
    spec: { nodeName: 'node', containers: [{ name: 'main', image: 'host', ports: [{ containerPort: 7 }] }] },
  };
  const made = await api.client.create(pod as KubeObject, caller);
  const running = { ...made, status: { phase: 'Running', podIP: '10.1.2.3' } };
  await api.client.update(running as KubeObject, caller, { subresource: 'status' });
  return {
    api,
    async connection() {
      const [socket] = (await once(server, 'connection')) as [Socket];
      return socket;
    },
    async heard(wanted) {
      while (!text.includes(wanted)) await once(server, 'heard');
      return text;
    },
  };
}

/** The bytes as they are, by the admin. */
async function say(t: ExecutionContext, { api }: HostilePod, text: string): Promise<Socket> {
  const { authority, admin } = api.certificates;
  const place = { host: '127.0.0.1', port: api.server.port, servername: 'localhost' };
  const keys = { ca: authority.certificatePem, cert: admin.certificatePem, key: admin.keyPem };
  const socket = connect({ ...place, ...keys });
  socket.on('error', () => undefined);
  t.teardown(() => void socket.destroy());
  await once(socket, 'secureConnect');
  socket.write(text);
  return socket;
}

for (const { title, answer, code, text } of [
  {
    title: 'changes to a protocol nobody asked for',
    answer: 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    code: 503,
  },
  { title: 'says a code that is none', answer: 'HTTP/1.1 099 odd\r\nContent-Length: 2\r\n\r\nhi', code: 503 },
  {
    title: 'says in its first line what no server may send',
    answer: 'HTTP/1.1 200 o\x01d\x7fd\r\nContent-Length: 2\r\n\r\nhi',
    code: 200,
    text: 'hi',
  },
  {
    title: 'says two lengths',
    answer: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n',
    code: 503,
  },
  {
    title: 'calls its length the connection’s own',
    answer: 'HTTP/1.1 200 OK\r\nConnection: content-length\r\nContent-Length: 2\r\n\r\nhi',
    code: 200,
    text: 'hi',
  },
  { title: 'speaks no HTTP', answer: 'garbage\r\n\r\n', code: 503 },
] as readonly {
  readonly title: string;
  readonly answer: string;
  readonly code: number;
  readonly text?: string;
}[]) {
  test(`a pod that ${title} is answered for`, async (t) => {
    const { api } = await hostilePod(t, answer);
    const said = await api.ask(`GET ${PODS}/web/proxy/`);
    t.is(said.code, code);
    if (text !== undefined) t.is(said.text, text);
    t.is((await api.ask(`GET ${PODS}/web`)).code, 200, 'and the server goes on');
  });
}

const INNER = 'POST /admin HTTP/1.1\r\nHost: x\r\n\r\n';
const CHUNKED = `Transfer-Encoding: chunked\r\n\r\n${INNER.length.toString(16)}\r\n${INNER}\r\n0\r\n\r\n`;
for (const { title, method, rest } of [
  { title: 'in pieces', method: 'GET', rest: CHUNKED },
  { title: 'in pieces', method: 'HEAD', rest: CHUNKED },
  { title: 'in pieces', method: 'DELETE', rest: CHUNKED },
  {
    title: 'whose length is called the connection’s own',
    method: 'GET',
    rest: `Connection: content-length\r\nContent-Length: ${INNER.length}\r\n\r\n${INNER}`,
  },
]) {
  test(`a body ${title} of ${method} is no request of its own to the pod`, async (t) => {
    const pod = await hostilePod(t, '');
    await say(t, pod, `${method} ${PODS}/web/proxy/x HTTP/1.1\r\nHost: localhost\r\n${rest}`);
    const [head = ''] = (await pod.heard(INNER)).split('\r\n\r\n');
    t.regex(head, /^(?:transfer-encoding: chunked|content-length: 33)$/im);
  });
}

test('a path of the pod that looks like exec is upgraded to nothing, and its body is read', async (t) => {
  const pod = await hostilePod(t, '');
  const upgrade = 'Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n\r\nhello';
  await say(t, pod, `POST ${PODS}/web/proxy/exec HTTP/1.1\r\nHost: localhost\r\n${upgrade}`);
  const heard = await pod.heard('hello');
  t.notRegex(heard, /upgrade/i);
});

for (const { title, name, begun } of [
  { title: 'never ends its TLS handshake', name: 'https:web:7', begun: '\x16\x03' },
  { title: 'never answers', name: 'web:7', begun: 'GET /' },
]) {
  test(`the connection to a pod that ${title} goes with whoever asked`, async (t) => {
    const pod = await hostilePod(t, '');
    const connecting = pod.connection();
    const client = await say(t, pod, `GET ${PODS}/${name}/proxy/ HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    const connection = await connecting;
    await pod.heard(begun);
    client.destroy();
    await once(connection, 'close');
    t.true(connection.destroyed);
  });
}

test('an address that would be a header of its own is none', async (t) => {
  const pod = await hostilePod(t, 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
  const found = await pod.api.client.get(
    { group: '', kind: 'Pod', namespace: 'default', name: 'web' },
    caller,
  );
  const wrong = { ...found, status: { phase: 'Running', podIP: '10.1.2.3\r\nx-more: said' } };
  await pod.api.client.update(wrong as KubeObject, caller, { subresource: 'status' });
  t.is((await pod.api.ask(`GET ${PODS}/web/proxy/`)).code, 200);
  t.regex(await pod.heard('host:'), /^host: web:7\r$/m);
});
