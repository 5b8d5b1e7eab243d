import { once } from 'node:events';
import test from 'ava';
import { createWebSocketStream } from 'ws';
import { timings } from '../../base/limits.ts';
import { type SpdyClient, spdyClient } from '../../testing/spdy-client.ts';
import { PODS, streamedApi } from '../../testing/streamed-api.ts';
import { until } from '../../testing/until.ts';
import { encodeFrame } from './spdy/encode-frame.ts';
import { frameDecoder } from './spdy/frame-decoder.ts';
import { encodeHeaders } from './spdy/header-block.ts';
import type { SpdyFrame } from './spdy/spdy-frame.ts';
import { storedBlocks } from './spdy/stored-blocks.ts';

const BOX = `${PODS}/box/portforward`;
const options = { path: BOX, protocols: ['portforward.k8s.io'] } as const;

async function pair(
  client: SpdyClient,
  port: number,
  requestid: string,
): Promise<{ error: number; data: number }> {
  const headers = { port: String(port), requestid };
  const error = await client.open({ ...headers, streamtype: 'error' });
  client.data(error, '', true);
  return { error, data: await client.open({ ...headers, streamtype: 'data' }) };
}

test('bytes go both ways, and each direction ends by itself', async (t) => {
  const client = await spdyClient(await streamedApi(t), options);
  const { error, data } = await pair(client, 7, '0');
  client.data(data, 'hello');
  await until(() => client.stream(data).text === 'hello', { what: 'the echo' });
  // Our side ends; the other one has something to say still.
  client.data(data, '', true);
  await until(() => client.stream(data).ended && client.stream(error).ended, { what: 'both to end' });
  t.is(client.stream(data).text, 'hello<ended>');
  t.is(client.stream(error).text, '');
});

test('a port that nobody listens at is told on the error stream, and the session goes on', async (t) => {
  const client = await spdyClient(await streamedApi(t), options);
  const refused = await pair(client, 8, '0');
  await until(() => client.stream(refused.data).ended && client.stream(refused.error).ended, {
    what: 'both to end',
  });
  t.regex(
    client.stream(refused.error).text,
    /^error forwarding port 8 to pod box, uid [0-9a-f-]{36}: connection refused$/,
  );
  const fine = await pair(client, 7, '1');
  client.data(fine.data, 'x');
  await until(() => client.stream(fine.data).text === 'x', { what: 'the echo' });
});

test('many connections at once, each with its own bytes', async (t) => {
  const client = await spdyClient(await streamedApi(t), options);
  const pairs: { readonly error: number; readonly data: number }[] = [];
  for (let count = 0; count < 40; count += 1) pairs.push(await pair(client, 7, `r${count}`));
  for (const [at, { data }] of pairs.entries()) client.data(data, `${at}:${'z'.repeat(50_000)}`, true);
  await until(() => pairs.every(({ data }) => client.stream(data).ended), { what: 'all to end' });
  for (const [at, { data }] of pairs.entries()) {
    t.true(client.stream(data).text.startsWith(`${at}:z`));
    t.is(client.stream(data).bytes, `${at}:`.length + 50_000 + '<ended>'.length);
  }
});

test('an old client names no request: the streams that follow each other belong together', async (t) => {
  const client = await spdyClient(await streamedApi(t), options);
  await client.open({ streamtype: 'error', port: '7' });
  const data = await client.open({ streamtype: 'data', port: '7' });
  client.data(data, 'old');
  await until(() => client.stream(data).text === 'old', { what: 'the echo' });
  t.pass();
});

test('streams that do not say what they are, or stay alone, are reset', async (t) => {
  const served = await streamedApi(t);
  const client = await spdyClient(served, options);
  const ids = [
    await client.open({ streamtype: 'data', port: '0', requestid: 'a' }),
    await client.open({ streamtype: 'data', port: '70000', requestid: 'b' }),
    await client.open({ streamtype: 'data', requestid: 'c' }),
    await client.open({ streamtype: 'other', port: '7', requestid: 'd' }),
  ];
  await until(() => ids.every((id) => client.stream(id).reset), { what: 'all to be refused' });
  const alone = await client.open({ streamtype: 'data', port: '7', requestid: 'e' });
  await until(() => client.stream(alone).replied, { what: 'the reply' });
  served.clock.advance(timings.streamCreationMs);
  await until(() => client.stream(alone).reset, { what: 'it to be reset' });
  t.false(client.ended());
});

test('a window that the client opens is counted from then on', async (t) => {
  const client = await spdyClient(await streamedApi(t), options);
  const { data } = await pair(client, 7, '0');
  client.send({ type: 'settings', initialWindowBytes: 1000 });
  client.send({ type: 'window-update', streamId: 0, deltaBytes: 1_000_000 });
  client.data(data, 'w'.repeat(5000));
  await until(() => client.stream(data).bytes === 1000, { what: 'the window to be filled' });
  client.send({ type: 'ping', id: 5 });
  await until(() => client.frames.some((frame) => frame.type === 'ping'), { what: 'the pong' });
  t.is(client.stream(data).bytes, 1000);
  client.send({ type: 'window-update', streamId: data, deltaBytes: 4000 });
  await until(() => client.stream(data).bytes === 5000, { what: 'the rest' });
});

test('SPDY goes inside a WebSocket too', async (t) => {
  const served = await streamedApi(t);
  const { certificates, server } = served;
  const { WebSocket } = await import('ws');
  const { authority, admin } = certificates;
  // ws takes no protocol with a slash in its name; the header does.
  const socket = new WebSocket(`wss://127.0.0.1:${server.port}${BOX}`, {
    ca: authority.certificatePem,
    cert: admin.certificatePem,
    key: admin.keyPem,
    headers: { 'sec-websocket-protocol': 'SPDY/3.1+portforward.k8s.io' },
  });
  socket.on('upgrade', ({ headers }) => {
    t.is(headers['sec-websocket-protocol'], 'SPDY/3.1+portforward.k8s.io');
    // Which it did not ask for, it thinks.
    delete headers['sec-websocket-protocol'];
  });
  await once(socket, 'open');
  const tunnel = createWebSocketStream(socket);
  const stored = storedBlocks();
  const open = (streamId: number, streamtype: string): SpdyFrame => ({
    type: 'syn-stream',
    streamId,
    fin: false,
    headerBlock: stored(
      encodeHeaders(
        new Map([
          ['streamtype', streamtype],
          ['port', '7'],
          ['requestid', '0'],
        ]),
      ),
    ),
  });
  const bytes = Buffer.concat([
    encodeFrame(open(1, 'error')),
    encodeFrame(open(3, 'data')),
    encodeFrame({ type: 'data', streamId: 3, fin: true, payload: Buffer.from('tunnelled') }),
  ]);
  // However it is cut.
  for (const byte of bytes) tunnel.write(Buffer.of(byte));
  const decode = frameDecoder();
  let text = '';
  tunnel.on('data', (chunk: Buffer) => {
    for (const frame of decode(chunk)) if (frame.type === 'data') text += frame.payload.toString();
  });
  await until(() => text === 'tunnelled<ended>', { what: 'the echo' });
  socket.close();
});

test('over channels: two for each port, which begin with its number; the end of all is the end', async (t) => {
  const served = await streamedApi(t);
  const client = await served.channels(`${BOX}?ports=7&ports=8,7`, [
    'v5.channel.k8s.io',
    'v4.channel.k8s.io',
  ]);
  t.is(client.socket.protocol, 'v4.channel.k8s.io');
  client.send(0, 'first');
  client.send(4, 'third');
  await until(() => client.texts.get(0) === '\x07\0first' && client.texts.get(4) === '\x07\0third', {
    what: 'the echoes',
  });
  await until(() => (client.texts.get(3) ?? '').length > 10, { what: 'the failure' });
  t.true(client.texts.get(3)?.startsWith('\b\0error forwarding port 8 to pod box'));
  t.is(client.texts.get(1), '\x07\0');
  client.socket.close();
  await until(() => client.ended(), { what: 'the connection to end' });
});
