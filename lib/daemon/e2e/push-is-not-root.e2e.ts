import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { objectIn, realDaemon } from '../../testing/real-daemon.ts';
import { until } from '../../testing/until.ts';

const manifest = (kind: string, name: string, more: object = {}): string =>
  JSON.stringify({ apiVersion: 'v1', kind, metadata: { name }, ...more });

const pod = (name: string, container: object, spec: object = {}): string =>
  manifest('Pod', name, {
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image: 'host', command: ['sleep', '1000'], ...container }],
      ...spec,
    },
  });

const role = (name: string): string =>
  JSON.stringify({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name }, rules: [] });

const SECRET = 'hunter2-hunter2';
/** What somebody may push who means no good; each line once ended the daemon, held it up, or ran something as root. */
const hostile: Readonly<Record<string, string>> = {
  'sound.json': manifest('ConfigMap', 'sound', { data: { a: 'b' } }),
  'secret.json': manifest('Secret', 'keys', { stringData: { password: SECRET, 'tls.key': SECRET } }),
  'secret-wrong.yaml': `apiVersion: v1\nkind: Secret\nmetadata: {name: wrong}\nstringDta: {a: ${SECRET}}\ndata: {b: ${SECRET}}\n`,
  'no-text.json':
    '{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"a\\ud800"},"rules":[]}',
  'long.json': role('é'.repeat(200)),
  'up.json': JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: '../x', namespace: '../.git' },
  }),
  'duration.json': JSON.stringify({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'every' },
    spec: {
      schedule: `@every ${'ms'.repeat(55)}x`,
      jobTemplate: {
        spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'host' }] } } },
      },
    },
  }),
  'preload.json': pod(
    'preload',
    {
      env: [
        { name: 'LD_DEBUG', value: 'files' },
        { name: 'LD_DEBUG_OUTPUT', value: '/out/debug' },
      ],
      envFrom: [{ secretRef: { name: 'keys' } }],
      volumeMounts: [{ name: 'out', mountPath: '/out' }],
    },
    { volumes: [{ name: 'out', emptyDir: {} }] },
  ),
  'last-words.json': pod(
    'last-words',
    { command: ['true'], terminationMessagePath: '/dev/\0zero' },
    { restartPolicy: 'Never' },
  ),
  'host.json': pod(
    'host',
    { securityContext: { privileged: true } },
    { hostPID: true, volumes: [{ name: 'v', hostPath: { path: '/' } }] },
  ),
};

test('whoever can push gets what an unprivileged user gets, and the daemon lives', async (t) => {
  const daemon = await realDaemon(t, { args: ['--log-level', 'debug'] });
  const commit = await daemon.push(hostile, `\x1b]0;owned\x07${'A'.repeat(100_000)}`);
  const status = await daemon.untilStatus(
    (found) =>
      found.revision === commit &&
      objectIn(found, 'ConfigMap default/sound')?.health === 'Healthy' &&
      objectIn(found, 'Pod default/preload')?.health === 'Healthy' &&
      objectIn(found, 'Pod default/last-words')?.health === 'Healthy',
    'the sound part to be live',
  );
  t.is(objectIn(status, 'Pod default/host')?.sync, 'Blocked');
  t.is(objectIn(status, 'CronJob default/every')?.sync, 'Blocked');
  const shown = async (): Promise<string> => daemon.bare.git('log', '--format=%B', '-p', 'pintle/status');
  await until(async () => (await shown()).includes('Role.rbac.authorization.k8s.io'), {
    what: 'a status commit',
  });
  const pods = join(daemon.dataDirectory, 'pods');
  if (process.getuid?.() === 0) {
    for (const uid of readdirSync(pods).filter((name) => !name.startsWith('.'))) {
      const out = join(pods, uid, 'volumes/out');
      const made = statSync(out, { throwIfNoEntry: false }) === undefined ? [] : readdirSync(out);
      for (const name of made) t.not(statSync(join(out, name)).uid, 0, 'root ran what a manifest chose');
    }
  }
  const history = (await daemon.run('history')).stdout;
  t.true(history.length < 1000 && !history.includes('\x1b'));
  const plan = await daemon.run('plan');
  const log = readFileSync(join(daemon.dataDirectory, 'pintle.log'), 'utf8');
  const told = [JSON.stringify(daemon.events), JSON.stringify(status), plan.stdout, log, await shown()].join(
    '\n',
  );
  for (const secret of [SECRET, Buffer.from(SECRET).toString('base64')]) t.false(told.includes(secret));
  for (const name of readdirSync(daemon.dataDirectory)) {
    const { mode } = statSync(join(daemon.dataDirectory, name));
    if (name !== 'pods') t.is(mode & 0o077, 0, `${name} is for us alone`);
  }
});
