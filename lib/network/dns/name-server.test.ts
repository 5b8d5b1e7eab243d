import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import test, { type ExecutionContext } from 'ava';
import { decode, encode, type Packet } from 'dns-packet';
import { systemClock } from '../../base/clock.ts';
import { codeOf } from '../../base/errors.ts';
import { seededRandom } from '../../base/random.ts';
import { nameIndex } from './answer-query.ts';
import { askUpstream } from './ask-upstream.ts';
import { startNameServer } from './name-server.ts';
import type { NameTable } from './name-table.ts';

const many = Array.from({ length: 200 }, (_, at) => ({
  address: `10.244.0.${at + 1}`,
  hostname: `pod-with-a-name-${at}`,
  ports: [],
}));
const table: NameTable = {
  services: [
    { name: 'web', namespace: 'shop', kind: 'cluster', address: '10.96.0.20', ports: [] },
    { name: 'many', namespace: 'shop', kind: 'headless', endpoints: many },
    { name: 'out', namespace: 'shop', kind: 'external', target: 'there.example' },
  ],
  pods: [],
};
const index = nameIndex(table, {
  ...{ domain: 'cluster.local', dnsAddress: '10.96.0.10', serial: 1, ranges: ['10.96.0.0/16'] },
});

type Reply = (query: Packet) => Partial<Packet> | null;

/** A name server for the rest of the world, which counts what it is asked. */
async function upstream(t: ExecutionContext, address: string, reply: Reply) {
  const asked: string[] = [];
  const clock = systemClock();
  const answerOf = (bytes: Buffer): Buffer | null => {
    const query = decode(bytes);
    asked.push(query.questions?.[0]?.name ?? '');
    const said = reply(query);
    if (said === null) return null;
    return encode({ id: query.id, type: 'response', questions: query.questions, ...said } as Packet);
  };
  const { createServer } = await import('node:net');
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      const answer = answerOf(chunk.subarray(2));
      if (answer === null) return;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(answer.length);
      socket.write(Buffer.concat([length, answer]));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, address, () => resolve()));
  const place = server.address();
  const port = typeof place === 'object' && place !== null ? place.port : 0;
  const socket = createSocket('udp4');
  socket.on('message', (bytes, from) => {
    const answer = answerOf(bytes);
    if (answer === null) return;
    // Somebody else's first: it is not believed.
    const other = Buffer.from(answer);
    other.writeUInt16BE((answer.readUInt16BE(0) + 1) % 65_536, 0);
    socket.send(other, from.port, from.address);
    socket.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(port, address, () => resolve()));
  t.teardown(async () => {
    socket.close();
    server.close();
  });
  return { asked, clock, port };
}

async function world(t: ExecutionContext, reply: Reply, more: readonly string[] = []) {
  const { asked, clock, port } = await upstream(t, '127.0.0.1', reply);
  const random = seededRandom(1);
  const server = await startNameServer({
    ...{ address: '127.0.0.1', port: 0, index, clock },
    ask: askUpstream({ upstreams: () => [...more, '127.0.0.1'], clock, random, port }),
  });
  t.teardown(async () => server.close());
  const resolver = new Resolver({ timeout: 5_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${server.port}`]);
  return { asked, resolver, server };
}

const nameError = 3;
const soa = {
  name: 'example',
  type: 'SOA',
  ttl: 60,
  data: { mname: 'a', rname: 'b', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 60 },
} as const;

const refused = (question: Promise<unknown>): Promise<string | undefined> =>
  question.then(
    () => undefined,
    (thrown) => codeOf(thrown),
  );

test('a real resolver finds the names of the cluster, over TCP what is too long for a datagram', async (t) => {
  const { resolver, asked } = await world(t, () => null);
  t.deepEqual(await resolver.resolve4('web.shop.svc.cluster.local'), ['10.96.0.20']);
  t.is((await resolver.resolve4('many.shop.svc.cluster.local')).length, 200);
  t.is(await refused(resolver.resolve4('no.shop.svc.cluster.local')), 'ENOTFOUND');
  t.is(await refused(resolver.resolve6('web.shop.svc.cluster.local')), 'ENODATA');
  t.deepEqual(asked, []);
});

test('other names are asked for elsewhere, past a server that is silent, and once if they are not there', async (t) => {
  const reply: Reply = ({ questions = [] }) => {
    const name = questions[0]?.name ?? '';
    if (name === 'there.example') return { answers: [{ name, type: 'A', ttl: 5, data: '192.0.2.9' }] };
    return { flags: nameError, authorities: [soa] };
  };
  // Nothing listens at the first.
  const { resolver, asked } = await world(t, reply, ['127.0.0.99']);
  t.deepEqual(await resolver.resolve4('there.example'), ['192.0.2.9']);
  t.deepEqual(await resolver.resolve4('out.shop.svc.cluster.local'), ['192.0.2.9']);
  const before = asked.length;
  for (let at = 0; at < 3; at += 1) t.is(await refused(resolver.resolve4('no.example')), 'ENOTFOUND');
  t.is(asked.length, before + 1);
});

test('what is no question is answered with why, or not at all, and harms nobody', async (t) => {
  const { server, resolver } = await world(t, () => null);
  const socket = createSocket('udp4');
  t.teardown(async () => void socket.close());
  const codes: number[] = [];
  socket.on('message', (bytes) => codes.push(bytes.readUInt16BE(2) & 15));
  const send = (bytes: Buffer): void => socket.send(bytes, server.port, '127.0.0.1');
  const question = encode({
    type: 'query',
    id: 7,
    questions: [{ name: 'web.shop.svc.cluster.local', type: 'A' }],
  });
  send(Buffer.alloc(0));
  send(Buffer.from('short'));
  // Another kind of request; a name that runs out of the message; a pointer to itself; an answer.
  const notify = Buffer.from(question);
  notify.writeUInt16BE(0x2000, 2);
  send(notify);
  const cut = question.subarray(0, 20);
  send(cut);
  const loop = Buffer.concat([question.subarray(0, 12), Buffer.from([0xc0, 0x0c, 0, 1, 0, 1])]);
  send(loop);
  const response = Buffer.from(question);
  response.writeUInt16BE(0x8000, 2);
  send(response);
  send(question);
  while (codes.length < 4) await new Promise((resolve) => socket.once('message', resolve));
  t.deepEqual(codes.toSorted(), [0, 1, 1, 4]);
  t.deepEqual(await resolver.resolve4('web.shop.svc.cluster.local'), ['10.96.0.20']);
});
