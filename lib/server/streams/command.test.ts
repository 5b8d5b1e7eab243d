import test from 'ava';
import { timings } from '../../base/limits.ts';
import { spdyClient } from '../../testing/spdy-client.ts';
import { type ChannelClient, PODS, type StreamedApi, streamedApi } from '../../testing/streamed-api.ts';
import { until } from '../../testing/until.ts';

const BOX = `${PODS}/box`;
const V5 = ['v5.channel.k8s.io'];
const ended = (client: { ended(): boolean }) =>
  until(() => client.ended(), { what: 'the connection to end' });

const channelProtocols = [
  { offered: ['v5.channel.k8s.io', 'v4.channel.k8s.io'], chosen: 'v5.channel.k8s.io', asJson: true },
  { offered: ['v4.channel.k8s.io'], chosen: 'v4.channel.k8s.io', asJson: true },
  { offered: ['v4.base64.channel.k8s.io'], chosen: 'v4.base64.channel.k8s.io', asJson: true },
  {
    offered: ['v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'],
    chosen: 'channel.k8s.io',
    asJson: false,
  },
  { offered: ['base64.channel.k8s.io'], chosen: 'base64.channel.k8s.io', asJson: false },
  { offered: [], chosen: '', asJson: false },
] as const;

for (const { offered, chosen, asJson } of channelProtocols) {
  test(`over a WebSocket that offers [${offered}] exec speaks "${chosen}"`, async (t) => {
    const served = await streamedApi(t);
    const path = `${BOX}/exec?stdout=true&stderr=true`;
    const fine = await served.channels(`${path}&command=echo&command=hello&command=you`, offered);
    t.is(fine.socket.protocol, chosen);
    await ended(fine);
    t.is(fine.texts.get(1), 'hello you');
    t.is(fine.texts.get(3) ?? '', asJson ? '{"metadata":{},"status":"Success"}' : '');
    const failed = await served.channels(`${path}&command=fail&command=3`, offered);
    await ended(failed);
    t.is(failed.texts.get(2), 'it failed');
    if (!asJson) {
      t.is(failed.texts.get(3), 'command terminated with non-zero exit code: exit status 3');
      return;
    }
    t.like(failed.status(), {
      status: 'Failure',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '3' }] },
    });
  });
}

const streamProtocols = [
  { offered: ['v5.channel.k8s.io', 'v4.channel.k8s.io'], chosen: 'v5.channel.k8s.io', asJson: true },
  {
    offered: ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'],
    chosen: 'v4.channel.k8s.io',
    asJson: true,
  },
  { offered: ['v9.channel.k8s.io, v3.channel.k8s.io'], chosen: 'v3.channel.k8s.io', asJson: false },
  { offered: ['v2.channel.k8s.io'], chosen: 'v2.channel.k8s.io', asJson: false },
  { offered: ['channel.k8s.io'], chosen: 'channel.k8s.io', asJson: false },
] as const;

for (const { offered, chosen, asJson } of streamProtocols) {
  test(`over SPDY that offers [${offered}] exec speaks ${chosen}`, async (t) => {
    const served = await streamedApi(t);
    const path = `${BOX}/exec?command=fail&command=7&stdout=true&stderr=true`;
    const client = await spdyClient(served, { path, protocols: offered });
    t.true(client.head.endsWith(`X-Stream-Protocol-Version: ${chosen}`));
    const error = await client.open({ streamtype: 'error' });
    const stdout = await client.open({ streamtype: 'stdout' });
    const stderr = await client.open({ streamtype: 'stderr' });
    await ended(client);
    for (const id of [error, stdout, stderr]) t.like(client.stream(id), { replied: true, ended: true });
    t.is(client.stream(stderr).text, 'it failed');
    const said = client.stream(error).text;
    t.is(said.startsWith('{'), asJson);
    t.true(said.includes(asJson ? '"reason":"ExitCode","message":"7"' : 'exit status 7'));
  });
}

test('stdin goes in, and its end: with v5 by a word, over SPDY by the end of its stream', async (t) => {
  const served = await streamedApi(t);
  const path = `${BOX}/exec?command=cat&stdin=true&stdout=true`;
  const channels = await served.channels(path, V5);
  channels.send(0, 'one ');
  channels.send(0, 'two');
  channels.send(255, Buffer.of(0));
  await ended(channels);
  t.is(channels.texts.get(1), 'one two');
  t.like(channels.status(), { status: 'Success' });
  const spdy = await spdyClient(served, { path, protocols: ['v4.channel.k8s.io'] });
  const error = await spdy.open({ streamtype: 'error' });
  const stdin = await spdy.open({ streamtype: 'stdin' });
  const stdout = await spdy.open({ streamtype: 'stdout' });
  spdy.data(stdin, 'one ');
  spdy.data(stdin, 'two', true);
  await ended(spdy);
  t.is(spdy.stream(stdout).text, 'one two');
  t.is(spdy.stream(error).text, '{"metadata":{},"status":"Success"}');
});

test('megabytes go through both ways, whatever the speed of either side', async (t) => {
  const served = await streamedApi(t);
  const path = `${BOX}/exec?command=cat&stdin=true&stdout=true`;
  const bytes = 6 * 1024 * 1024;
  const channels = await served.channels(path, V5);
  for (let at = 0; at < bytes; at += 1024 * 1024) channels.send(0, Buffer.alloc(1024 * 1024, 'a'));
  channels.send(255, Buffer.of(0));
  await ended(channels);
  t.is(channels.texts.get(1)?.length, bytes);
  const spdy = await spdyClient(served, { path, protocols: ['v4.channel.k8s.io'] });
  await spdy.open({ streamtype: 'error' });
  const stdin = await spdy.open({ streamtype: 'stdin' });
  const stdout = await spdy.open({ streamtype: 'stdout' });
  spdy.data(stdin, Buffer.alloc(bytes, 'b'), true);
  await ended(spdy);
  t.is(spdy.stream(stdout).bytes, bytes);
});

test('a terminal has its sizes, and one output', async (t) => {
  const served = await streamedApi(t);
  const path = `${BOX}/exec?command=wait&stdin=true&stdout=true&stderr=true&tty=true`;
  const channels = await served.channels(path, V5);
  channels.send(4, '{"Width":80,"Height":24}');
  channels.send(4, '{"height":25,"width":81}');
  channels.send(4, '{"Width":0,"Height":24}');
  await until(() => served.sessions[0]?.sizes.length === 2, { what: 'two sizes' });
  const spdy = await spdyClient(served, { path, protocols: ['v4.channel.k8s.io'] });
  for (const streamtype of ['error', 'stdin', 'stdout']) await spdy.open({ streamtype });
  const refused = await spdy.open({ streamtype: 'stderr' });
  const resize = await spdy.open({ streamtype: 'resize' });
  spdy.data(resize, '{"Width":90,');
  spdy.data(resize, '"Height":30}\n{"Width":91,"Height":31}\n');
  await until(() => served.sessions[1]?.sizes.length === 2, { what: 'two sizes' });
  t.deepEqual(
    served.sessions.map(({ tty, sizes }) => ({ tty, sizes })),
    [
      { tty: true, sizes: ['80x24', '81x25'] },
      { tty: true, sizes: ['90x30', '91x31'] },
    ],
  );
  t.true(spdy.stream(refused).reset);
});

test('attach joins the container; its end is a success, however the container ended', async (t) => {
  const served = await streamedApi(t);
  const client = await served.channels(`${BOX}/attach?stdin=true&stdout=true`, V5);
  client.send(0, 'hello');
  await until(() => client.texts.get(1) === 'hello', { what: 'the echo' });
  client.send(255, Buffer.of(0));
  await ended(client);
  t.like(client.status(), { status: 'Success' });
  t.like(served.sessions[0]?.target, { namespace: 'default', pod: 'box', container: 'main' });
});

test('what the agent cannot do is told on the status channel', async (t) => {
  const served = await streamedApi(t);
  const client = await served.channels(`${BOX}/exec?command=broken&stdout=true`, V5);
  await ended(client);
  t.like(client.status(), {
    status: 'Failure',
    reason: 'InternalError',
    message: 'Internal error occurred: error executing command in container: the agent is down',
  });
});

const leaving = [
  { title: 'a WebSocket that is closed', leave: (client: ChannelClient) => client.socket.close() },
  { title: 'a WebSocket that is cut off', leave: (client: ChannelClient) => client.socket.terminate() },
];
for (const { title, leave } of leaving) {
  test(`${title} ends what it ran`, async (t) => {
    const served = await streamedApi(t);
    const client = await served.channels(`${BOX}/exec?command=wait&stdin=true&stdout=true`, V5);
    await until(() => served.sessions.length === 1, { what: 'the command to run' });
    leave(client);
    await until(() => served.sessions[0]?.killed === true, { what: 'the command to be killed' });
    t.pass();
  });
}

test('a client of SPDY that goes away ends what it ran', async (t) => {
  const served = await streamedApi(t);
  const path = `${BOX}/exec?command=wait&stdout=true`;
  const client = await spdyClient(served, { path, protocols: ['v4.channel.k8s.io'] });
  await client.open({ streamtype: 'error' });
  await client.open({ streamtype: 'stdout' });
  await until(() => served.sessions.length === 1, { what: 'the command to run' });
  client.socket.destroy();
  await until(() => served.sessions[0]?.killed === true, { what: 'the command to be killed' });
  t.pass();
});

const stalls = [
  { title: 'over a WebSocket', over: 'websocket' },
  { title: 'over SPDY', over: 'spdy' },
] as const;
for (const { title, over } of stalls) {
  test(`a client that goes away is missed although nothing is read of it, ${title}`, async (t) => {
    const served = await streamedApi(t);
    const path = `${BOX}/exec?command=wait&stdin=true&stdout=true`;
    const full = Buffer.alloc(1024 * 1024, 'x');
    const leave = await (async () => {
      if (over === 'websocket') {
        const client = await served.channels(path, V5);
        for (let count = 0; count < 8; count += 1) client.send(0, full);
        return () => client.socket.terminate();
      }
      const client = await spdyClient(served, { path, protocols: ['v4.channel.k8s.io'] });
      const ids = [];
      for (const streamtype of ['error', 'stdin', 'stdout']) ids.push(await client.open({ streamtype }));
      client.data(ids[1] ?? 0, Buffer.concat(Array.from({ length: 8 }, () => full)));
      return () => client.socket.destroy();
    })();
    await until(() => served.sessions.length === 1, { what: 'the command to run' });
    leave();
    await until(
      () => {
        served.clock.advance(timings.streamPingMs);
        return served.sessions[0]?.killed === true;
      },
      { what: 'the command to be killed' },
    );
    t.true(served.clock.now() - Date.now() < timings.streamIdleMs);
  });
}

async function stalledReader(served: StreamedApi, over: 'websocket' | 'spdy'): Promise<void> {
  const path = `${BOX}/exec?command=yes&stdout=true`;
  if (over === 'websocket') {
    const client = await served.channels(path, V5);
    client.socket.pause();
    return;
  }
  const client = await spdyClient(served, { path, protocols: ['v4.channel.k8s.io'] });
  client.socket.pause();
  for (const streamtype of ['error', 'stdout']) await client.open({ streamtype });
}

for (const { title, over } of stalls) {
  test(`a client that never reads holds its command back, and ends after hours, ${title}`, async (t) => {
    const served = await streamedApi(t);
    await stalledReader(served, over);
    await until(() => (served.sessions[0]?.writtenBytes ?? 0) > 0, { what: 'the command to write' });
    let last = -1;
    await until(
      async () => {
        const now = served.sessions[0]?.writtenBytes ?? 0;
        const same = now === last;
        last = now;
        // Others are served meanwhile; each answer gives it time to go on.
        for (let count = 0; count < 5; count += 1) t.is((await served.ask('GET /healthz')).code, 200);
        return same;
      },
      { what: 'it to stand still' },
    );
    // What the two kernels' buffers hold, and 64 KiB of ours.
    t.true(last < 16 * 1024 * 1024, String(last));
    t.false(served.sessions[0]?.killed);
    for (let ms = 0; ms <= timings.streamIdleMs; ms += timings.streamPingMs) {
      served.clock.advance(timings.streamPingMs);
    }
    await until(() => served.sessions[0]?.killed === true, { what: 'the command to be killed' });
  });
}

test('a client of SPDY that does not open its streams is cut off', async (t) => {
  const served = await streamedApi(t);
  const path = `${BOX}/exec?command=wait&stdout=true`;
  const client = await spdyClient(served, { path, protocols: ['v4.channel.k8s.io'] });
  await client.open({ streamtype: 'error' });
  await until(() => client.stream(1).replied, { what: 'the reply' });
  served.clock.advance(timings.streamCreationMs);
  await ended(client);
  t.is(served.sessions.length, 0);
});
