import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import { needsRoot } from '../../testing/needs-root.ts';
import { allHealthyAt, type RealDaemon, realDaemon } from '../../testing/real-daemon.ts';

const SECRET = 'nobody-else-is-to-know-this';
/** By which its process is found on the machine. */
const VICTIM_SECONDS = '76543';

const object = (kind: string, name: string, more: object): object => ({
  ...{ apiVersion: 'v1', kind, metadata: { name, namespace: 'default' } },
  ...more,
});
const list = (...items: readonly object[]): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'List', items });

const victim = object('Pod', 'victim', {
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        ...{ name: 'main', image: 'host', command: ['sleep', VICTIM_SECONDS] },
        volumeMounts: [{ name: 'keys', mountPath: '/keys' }],
      },
    ],
    volumes: [{ name: 'keys', secret: { secretName: 'keys' } }],
  },
});

/** Ends well when none of these can be opened; else its last words are those that could. */
const trying = `
const { openSync, readSync } = require('node:fs');
const { connect } = require('node:net');
const { sockets, files } = JSON.parse(process.argv[1]);
const read = (path) => { readSync(openSync(path), Buffer.alloc(1)); return path; };
const open = files.flatMap((path) => { try { return [read(path)]; } catch { return []; } });
const tries = sockets.map((path) => new Promise((resolve) =>
  connect(path).on('connect', () => resolve([path])).on('error', () => resolve([]))));
Promise.all(tries).then((all) => {
  const had = [...open, ...all.flat()];
  console.log(had.join(' '));
  process.exit(had.length === 0 ? 0 : 1);
});`;

const snoop = (name: string, targets: object): object =>
  object('Pod', name, {
    spec: {
      restartPolicy: 'Never',
      containers: [
        {
          ...{ name: 'main', image: 'host', command: ['node', '-e', trying, JSON.stringify(targets)] },
          terminationMessagePolicy: 'FallbackToLogsOnError',
        },
      ],
    },
  });

/** Control, agent and proxy: each by its own path, whichever user may come to it. */
function socketsOf(dataDirectory: string): readonly string[] {
  return ['control', 'agent', 'proxy'].map((name) => join(dataDirectory, name, 'socket'));
}

/** Files of other pods, as the machine has them, and what its processes show of themselves. */
function filesOf(daemon: RealDaemon): readonly string[] {
  const pods = realpathSync(join(daemon.dataDirectory, 'pods'));
  const kept = readdirSync(pods, { recursive: true, encoding: 'utf8' })
    .map((name) => join(pods, name))
    .filter((path) => /\/(token|password)$/.test(path) && existsSync(path) && !lstatSync(path).isDirectory());
  const processes = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && isVictim(pid));
  const shown = [...processes, String(daemon.pid())].flatMap((pid) =>
    ['environ', 'root/keys/password', 'cwd/keys/password', 'root/etc/passwd'].map(
      (name) => `/proc/${pid}/${name}`,
    ),
  );
  return [...kept, ...shown];
}

function isVictim(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === `sleep\0${VICTIM_SECONDS}\0`;
  } catch {
    return false;
  }
}

function canConnect(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    }).on('error', () => resolve(false));
  });
}

for (const runtime of ['linux', 'process'] as const) {
  const here = needsRoot(runtime === 'linux' ? ['ip', 'nft', 'crun'] : []) ? test.serial : test.serial.skip;
  here(
    `runtime ${runtime}: no pod comes to a socket of ours, nor to what another pod was given`,
    async (t) => {
      const daemon = await realDaemon(t, { args: ['--runtime', runtime] });
      // That nobody gets past the directory of the test is not to be what saves us.
      chmodSync(daemon.directory, 0o755);
      const secret = object('Secret', 'keys', { stringData: { password: SECRET } });
      const before = await daemon.push({ 'all.json': list(secret, victim) });
      await daemon.untilStatus(allHealthyAt(before), 'the victim to run');
      const sockets = socketsOf(daemon.dataDirectory);
      for (const path of sockets) t.true(await canConnect(path), path);
      const files = filesOf(daemon);
      t.true(
        ['token', 'password', 'environ'].every((name) => files.some((path) => path.endsWith(`/${name}`))),
      );
      const after = await daemon.push({ 'snoop.json': list(snoop('snoop', { sockets, files })) });
      await daemon.untilStatus(allHealthyAt(after), 'the snoop to get nothing', 30_000);
      // It would have told, had there been something.
      const open = snoop('open', { sockets: [], files: ['/etc/passwd'] });
      await daemon.push({ 'open.json': list(open) });
      await daemon.untilStatus(
        ({ objects }) => objects.some(({ name, health }) => name === 'open' && health === 'Degraded'),
        'the other one to fail',
        30_000,
      );
      await daemon.down();
    },
  );
}
