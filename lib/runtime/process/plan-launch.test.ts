import test from 'ava';
import { scriptContainer } from '../../testing/open-process-driver.ts';
import type { ContainerSpec } from '../driver.ts';
import { planLaunch, sandboxLimitations } from './plan-launch.ts';

const sandbox = {
  nodeName: null,
  podUid: 'p',
  namespace: 'default',
  name: 'p',
  hostname: 'host-of-p',
  index: 1,
  podIP: '127.97.0.1',
  user: 1_900_000_001,
  ports: [],
  limitations: [],
};

const plan = (more: Partial<ContainerSpec>) =>
  planLaunch({
    spec: scriptContainer('p', 'true', more),
    sandbox,
    root: '/pods',
    searchPath: '/usr/bin',
    emptyVolumes: new Set(['scratch']),
  });

const mounts = [
  { volume: 'scratch', mountPath: '/data', readOnly: false },
  { volume: 'scratch', mountPath: '/data/mine', subPath: 'a/b', readOnly: false },
  { volume: 'config', mountPath: '/etc/app.conf', subPath: 'app.conf', readOnly: true },
];

test('mount paths are rewritten in command, args, variables and the working directory', (t) => {
  const { launch, mappings } = plan({
    command: ['tool', '/data/x'],
    args: ['--config=/etc/app.conf', '/dev/termination-log'],
    env: [{ name: 'WHERE', value: '/data/mine:/database' }],
    workingDir: '/data/mine',
    mounts,
  });
  t.deepEqual(launch.argv, [
    'tool',
    '/pods/p/volumes/scratch/x',
    '--config=/pods/p/volumes/config/app.conf',
    '/pods/p/termination/main.0',
  ]);
  t.is(new Map(launch.env).get('WHERE'), '/pods/p/volumes/scratch/a/b:/database');
  t.is(launch.cwd, '/pods/p/volumes/scratch/a/b');
  t.is(mappings.length, 3);
});

test('a subPath is made in an empty volume only, by the pod’s own user', (t) => {
  t.deepEqual(plan({ mounts }).launch.makeDirectories, ['/pods/p/volumes/scratch/a/b']);
  t.is(plan({}).launch.user, sandbox.user);
});

test('a container that sets nothing has a path, a home and a name; what it sets wins', (t) => {
  t.deepEqual(plan({}).launch.env, [
    ['PATH', '/usr/bin'],
    ['HOME', '/pods/p/work'],
    ['HOSTNAME', 'host-of-p'],
  ]);
  t.is(new Map(plan({ env: [{ name: 'PATH', value: '/x' }] }).launch.env).get('PATH'), '/x');
});

test('what is not honoured is said, and nothing else', (t) => {
  t.deepEqual(plan({}).limitations, []);
  t.deepEqual(plan({ user: sandbox.user, group: sandbox.user }).limitations, []);
  const said = (more: Partial<ContainerSpec>): string => plan(more).limitations.join(' ');
  t.regex(said({ image: 'nginx' }), /nginx/);
  t.regex(said({ mounts }), /\/etc\/app\.conf.*Read-only/);
  t.regex(said({ mounts: [{ volume: 'scratch', mountPath: '/', readOnly: false }] }), /mounted at \//);
  t.regex(said({ cpuLimitMillis: 1, memoryLimitBytes: 1 }), /cpu limit.*memory limit/);
  t.regex(said({ user: 5, group: 6 }), /runAsUser 5.*runAsGroup 6/);
  const moved = sandboxLimitations({
    ports: [
      [80, 20_000],
      [81, 81],
    ],
    user: null,
  }).join(' ');
  t.regex(moved, /80 listens at 20000/);
  t.notRegex(moved, /81/);
});
