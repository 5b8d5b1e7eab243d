import { createConnection } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { until } from '../../testing/until.ts';
import { systemClock } from '../clock.ts';
import { WorldError } from '../errors.ts';
import { limits } from '../limits.ts';
import { type CompanionCall, connectCompanion, tryConnect } from './companion-client.ts';
import { companionPaths } from './companion-paths.ts';
import { type CompanionServer, type CompanionService, serveCompanion } from './companion-server.ts';

async function world(t: ExecutionContext, service: Partial<CompanionService> = {}) {
  const paths = companionPaths({ dataDirectory: await temporaryDirectory(t), name: 'agent' });
  const notices: string[] = [];
  let retired = false;
  const server: CompanionServer = await serveCompanion(paths, {
    revision: 5,
    oldestCaller: 4,
    accept: () => ({
      onRequest: async (method, data) => {
        if (method === 'fail') throw new WorldError('ON_PURPOSE', 'on purpose');
        return { method, data };
      },
      onNotice: (event) => void notices.push(event),
    }),
    mayRetire: () => true,
    retire: () => {
      retired = true;
      server.close();
    },
    ...service,
  });
  t.teardown(() => server.close());
  const call: CompanionCall = {
    name: 'agent',
    paths,
    revision: 5,
    oldestCompanion: 5,
    program: { execPath: '/bin/false', args: [] },
    clock: systemClock(),
  };
  return { paths, server, call, notices, retired: () => retired };
}

test('requests are answered, failures keep their code, notices arrive', async (t) => {
  const { call, notices, server } = await world(t);
  const heard: string[] = [];
  const peer = await connectCompanion(call, { onNotice: (event) => void heard.push(event) });
  t.deepEqual(await peer.request('echo', { a: 1 }), { method: 'echo', data: { a: 1 } });
  await t.throwsAsync(peer.request('fail', {}), { code: 'ON_PURPOSE' });
  peer.notify('hint', {});
  server.peers()[0]?.notify('news', {});
  await until(() => notices.includes('hint') && heard.includes('news'), { what: 'both notices' });
  peer.close();
  await t.throwsAsync(peer.request('echo', {}), { code: 'PEER_GONE' });
});

type Meeting = {
  readonly theirs: { readonly revision: number; readonly oldestCaller: number; readonly busy?: boolean };
  readonly ours: { readonly revision: number; readonly oldestCompanion: number };
  readonly expected: 'used' | 'retired' | 'refused';
};
const meetings: Readonly<Record<string, Meeting>> = {
  'the same revision is used': {
    theirs: { revision: 5, oldestCaller: 5 },
    ours: { revision: 5, oldestCompanion: 5 },
    expected: 'used',
  },
  'an older idle companion makes room': {
    theirs: { revision: 4, oldestCaller: 4 },
    ours: { revision: 5, oldestCompanion: 4 },
    expected: 'retired',
  },
  'an older one makes room whether it is understood or not': {
    theirs: { revision: 3, oldestCaller: 3 },
    ours: { revision: 5, oldestCompanion: 5 },
    expected: 'retired',
  },
  'an older one that is in use goes on being used, if it is understood': {
    theirs: { revision: 4, oldestCaller: 4, busy: true },
    ours: { revision: 5, oldestCompanion: 4 },
    expected: 'used',
  },
  'an older one that is in use and not understood is an error': {
    theirs: { revision: 3, oldestCaller: 3, busy: true },
    ours: { revision: 5, oldestCompanion: 4 },
    expected: 'refused',
  },
  'a newer one is used if it understands us': {
    theirs: { revision: 6, oldestCaller: 5 },
    ours: { revision: 5, oldestCompanion: 5 },
    expected: 'used',
  },
  'a newer one that does not is an error': {
    theirs: { revision: 6, oldestCaller: 6 },
    ours: { revision: 5, oldestCompanion: 5 },
    expected: 'refused',
  },
};

for (const [title, { theirs, ours, expected }] of Object.entries(meetings)) {
  test(title, async (t) => {
    const { call, retired } = await world(t, { ...theirs, mayRetire: () => theirs.busy !== true });
    // No other one comes up: what would take its place is /bin/false, and nobody waits for it for long.
    let looks = 0;
    const now = (): number => {
      looks += retired() ? 100_000 : 0;
      return looks;
    };
    const clock = { ...systemClock(), now };
    const met = connectCompanion({ ...call, ...ours, clock }, {});
    if (expected === 'used') (await met).close();
    else
      await t.throwsAsync(met, {
        code: expected === 'refused' ? 'COMPANION_INCOMPATIBLE' : 'COMPANION_DOWN',
      });
    t.is(retired(), expected === 'retired');
  });
}

test('a peer that breaks the framing is cut off, and others are served on', async (t) => {
  const { paths, call } = await world(t);
  for (const bytes of [Buffer.alloc(64, 0xff), Buffer.from([0, 0, 0, 3, 0, 0x7b, 0x7b])]) {
    const socket = createConnection(paths.socketPath);
    socket.on('error', () => {});
    socket.write(bytes);
    await new Promise((resolve) => socket.once('close', resolve));
  }
  const peer = await connectCompanion(call, {});
  t.truthy(await peer.request('echo', {}));
  peer.close();
});

test('more connections than the bound are turned away', async (t) => {
  const { call, server } = await world(t);
  const peers = [];
  for (let at = 0; at < limits.companionPeersMax; at += 1) peers.push(await tryConnect(call, {}));
  await until(() => server.peers().length === limits.companionPeersMax, { what: 'all are in' });
  const late = await tryConnect(call, {});
  await late?.gone;
  t.is(server.peers().length, limits.companionPeersMax);
  for (const peer of peers) peer?.close();
});
