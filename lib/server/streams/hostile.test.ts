import { randomFillSync } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import test from 'ava';
import { limits } from '../../base/limits.ts';
import { adminSocket, type SpdyClient, spdyClient } from '../../testing/spdy-client.ts';
import { PODS, type StreamedApi, streamedApi } from '../../testing/streamed-api.ts';
import { until } from '../../testing/until.ts';
import { encodeFrame } from './spdy/encode-frame.ts';
import { HEADER_DICTIONARY } from './spdy/header-dictionary.ts';

const WAIT = `${PODS}/box/exec?command=wait&stdin=true&stdout=true`;

async function spdy(served: StreamedApi): Promise<SpdyClient> {
  return await spdyClient(served, { path: WAIT, protocols: ['v4.channel.k8s.io'] });
}

const synStream = (streamId: number, headerBlock: Buffer) =>
  encodeFrame({ type: 'syn-stream', streamId, fin: false, headerBlock });
const bomb = deflateSync(Buffer.alloc(16 * 1024 * 1024), { dictionary: HEADER_DICTIONARY });
const noise = randomFillSync(Buffer.alloc(4096));
noise[0] = 0x80;
noise[1] = 0xff;

const broken = [
  { title: 'noise', bytes: noise },
  { title: 'HTTP again', bytes: Buffer.from('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(20)) },
  { title: 'a control frame too large', bytes: Buffer.from('80030001ffffffff', 'hex') },
  { title: 'a decompression bomb', bytes: synStream(1, bomb.subarray(0, 16_000)) },
  { title: 'headers that are no zlib', bytes: synStream(1, Buffer.alloc(64, 0xff)) },
  { title: 'a stream with an even number', bytes: synStream(2, deflateSync(Buffer.alloc(4))) },
  {
    title: 'data for a stream that was never opened',
    bytes: encodeFrame({ type: 'data', streamId: 9, fin: false, payload: Buffer.from('x') }),
  },
] as const;

for (const { title, bytes } of broken) {
  test(`over SPDY the connection ends: ${title}`, async (t) => {
    const served = await streamedApi(t);
    const client = await spdy(served);
    client.socket.write(bytes);
    await until(() => client.ended(), { what: 'the connection to end' });
    t.is((await served.ask('GET /healthz')).code, 200);
  });
}

test('over SPDY a stream that had ended and is written to ends the connection', async (t) => {
  const served = await streamedApi(t);
  const client = await spdy(served);
  const stdin = await client.open({ streamtype: 'stdin' });
  client.data(stdin, 'a', true);
  client.data(stdin, 'b');
  await until(() => client.ended(), { what: 'the connection to end' });
  t.deepEqual(
    client.frames.filter(({ type }) => type === 'goaway'),
    [{ type: 'goaway', lastStreamId: stdin, status: 1 }],
  );
});

test('streams beyond the bound are refused, the others go on', async (t) => {
  const served = await streamedApi(t);
  const client = await spdyClient(served, {
    path: `${PODS}/box/portforward`,
    protocols: ['portforward.k8s.io'],
  });
  const ids: number[] = [];
  for (let count = 0; count < limits.spdyStreamsMax + 3; count += 1) {
    ids.push(await client.open({ streamtype: 'error', port: '7', requestid: String(count) }));
  }
  await until(() => ids.slice(-3).every((id) => client.stream(id).reset), { what: 'three refusals' });
  t.true(ids.slice(0, -3).every((id) => client.stream(id).replied && !client.stream(id).reset));
  client.send({ type: 'ping', id: 77 });
  await until(() => client.frames.some((frame) => frame.type === 'ping' && frame.id === 77), {
    what: 'a pong',
  });
});

test('of a stream that was taken back before its pair was whole nothing is kept', async (t) => {
  const served = await streamedApi(t);
  const client = await spdyClient(served, {
    path: `${PODS}/box/portforward`,
    protocols: ['portforward.k8s.io'],
  });
  const half = { streamtype: 'error', port: '7', requestid: 'one' };
  for (let count = 0; count < 3; count += 1) {
    const id = await client.open(half);
    await until(() => client.stream(id).replied || client.stream(id).reset, { what: 'an answer' });
    t.false(client.stream(id).reset);
    client.send({ type: 'rst-stream', streamId: id, status: 5 });
  }
});

test('pings of a client that reads no answers do not pile up', async (t) => {
  const served = await streamedApi(t);
  const client = await spdy(served);
  client.socket.pause();
  const pings = Buffer.concat(Array.from({ length: 20_000 }, () => encodeFrame({ type: 'ping', id: 1 })));
  let sent = 0;
  // It stops being read when the answers to it no longer go out.
  for (; sent < 200 && client.socket.writableLength < 4 * 1024 * 1024; sent += 1) {
    client.socket.write(pings);
    t.is((await served.ask('GET /healthz')).code, 200);
  }
  t.true(sent < 200);
});

test('over a WebSocket a message too large, a frame without a mask and noise end the connection', async (t) => {
  const served = await streamedApi(t);
  const large = await served.channels(WAIT, ['v5.channel.k8s.io']);
  large.socket.send(Buffer.alloc(limits.streamMessageBytesMax + 1));
  await until(() => large.ended(), { what: 'the connection to end' });
  for (const bytes of [
    Buffer.from('820568656c6c6f', 'hex'),
    randomFillSync(Buffer.alloc(4096)).fill(0xff, 0, 2),
  ]) {
    const socket = adminSocket(served);
    let said = '';
    let over = false;
    socket.on('close', () => {
      over = true;
    });
    socket.on('data', (chunk: Buffer) => {
      if (said === '') socket.write(bytes);
      said += chunk.toString('latin1');
    });
    const headers = `Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;
    socket.write(`GET ${WAIT} HTTP/1.1\r\n${headers}`);
    await until(() => over, { what: 'the connection to end' });
    t.true(said.startsWith('HTTP/1.1 101 '));
  }
  await until(() => served.sessions.length === 3 && served.sessions.every(({ killed }) => killed), {
    what: 'the commands to be killed',
  });
});

test('over a WebSocket channels that are not there are let go, and the rest goes on', async (t) => {
  const served = await streamedApi(t);
  const path = `${PODS}/box/exec?command=cat&stdin=true&stdout=true`;
  const client = await served.channels(path, ['v5.channel.k8s.io']);
  for (const channel of [1, 9, 254]) client.send(channel, 'x');
  client.send(4, '{"Width":1,"Height":1}');
  client.socket.send(Buffer.alloc(0));
  client.send(255, '');
  client.send(255, Buffer.of(9));
  client.send(0, 'y');
  client.send(255, Buffer.of(0));
  client.send(0, 'after its end');
  await until(() => client.ended(), { what: 'the connection to end' });
  t.is(client.texts.get(1), 'y');
});

test('a client that sends pieces of a byte to who reads nothing is not read any more', async (t) => {
  const served = await streamedApi(t);
  const client = await spdy(served);
  const ids: number[] = [];
  for (const streamtype of ['error', 'stdin', 'stdout']) ids.push(await client.open({ streamtype }));
  await until(() => served.sessions.length === 1, { what: 'the command to run' });
  const piece = encodeFrame({ type: 'data', streamId: ids[1] ?? 0, fin: false, payload: Buffer.from('x') });
  const pieces = Buffer.concat(Array.from({ length: 20_000 }, () => piece));
  let rounds = 0;
  for (; rounds < 200 && client.socket.writableLength < 4 * 1024 * 1024; rounds += 1) {
    client.socket.write(pieces);
    t.is((await served.ask('GET /healthz')).code, 200);
  }
  t.true(rounds < 200);
  t.false(client.ended());
});

test('one user holds no more than her share of sessions open', async (t) => {
  const sessions = { all: 4, user: 2 };
  const bounds = { requests: { all: 50, user: 50 }, streams: { all: 9, user: 9 }, sessions };
  const served = await streamedApi(t, { bounds: { inFlight: bounds } });
  const first = await spdy(served);
  await spdy(served);
  await t.throwsAsync(served.channels(WAIT, ['v4.channel.k8s.io']), { message: /429/ });
  t.is((await served.ask(`GET ${PODS}`)).code, 200);
  first.socket.destroy();
  const again = async (): Promise<boolean> => {
    try {
      await served.channels(WAIT, ['v4.channel.k8s.io']);
      return true;
    } catch {
      return false;
    }
  };
  await until(again, { what: 'a place' });
});
