import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import anyTest from 'ava';
import { limits } from '../../base/limits.ts';
import {
  ended,
  logText,
  openProcessDriver,
  sandboxSpec,
  scriptContainer,
} from '../../testing/open-process-driver.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { until } from '../../testing/until.ts';
import { spawnEntering } from '../agent/spawn-entering.ts';

/** What root must not lose to a pod; whoever is not root has nothing to lose here. */
const test = process.getuid?.() === 0 ? anyTest : anyTest.skip;

const EMPTY = { kind: 'empty', memory: false, sizeLimitBytes: null } as const;
const MOUNT = { volume: 'v', mountPath: '/v', readOnly: false };

test('a library or a debug file named in the environment is loaded by the pod’s user only', async (t) => {
  const { driver, dataDirectory } = await openProcessDriver(t);
  await driver.createSandbox(sandboxSpec('pod-1'));
  await driver.writeVolume('pod-1', 'v', EMPTY);
  for (const more of [[], [{ name: 'with.dots', value: 'x' }]]) {
    const attempt = more.length;
    const env = [
      { name: 'LD_DEBUG', value: 'files' },
      { name: 'LD_DEBUG_OUTPUT', value: '/v/debug' },
      { name: 'NODE_OPTIONS', value: '--no-warnings' },
      ...more,
    ];
    const spec = scriptContainer('pod-1', 'read line', { env, mounts: [MOUNT], stdin: true, attempt });
    await driver.startContainer(spec);
    const ran = await driver.exec(spec.id, {
      command: ['id', '-u'],
      timeoutMs: 10_000,
      outputBytesMax: 1000,
    });
    t.like(ran, { exitCode: 0 }, ran.output);
    await driver.signal(spec.id, 'SIGKILL');
    await ended(driver, spec.id);
  }
  const volume = join(dataDirectory, 'pods/pod-1/volumes/v');
  const owner = statSync(volume).uid;
  t.not(owner, 0);
  for (const name of readdirSync(volume)) t.is(statSync(join(volume, name)).uid, owner, name);
});

test('a working directory that the pod’s user cannot get to is not entered for it', async (t) => {
  const { driver, dataDirectory } = await openProcessDriver(t);
  const hidden = join(realpathSync(dataDirectory), 'hidden');
  const inner = join(hidden, 'inner');
  mkdirSync(inner, { recursive: true, mode: 0o755 });
  writeFileSync(join(inner, 'file'), 'hunter2', { mode: 0o644 });
  chmodSync(hidden, 0o700);
  await driver.createSandbox(sandboxSpec('pod-1'));
  const spec = scriptContainer('pod-1', 'cat ./file', { workingDir: inner });
  await driver.startContainer(spec);
  t.like(await ended(driver, spec.id), { phase: 'exited', exitCode: 126 });
  t.false((await logText(driver, spec.id)).includes('hunter2'));
});

test('a last word is read from the pod’s own plain files only, and no device is opened for it', async (t) => {
  const { driver, dataDirectory } = await openProcessDriver(t);
  await driver.createSandbox(sandboxSpec('pod-1'));
  await driver.writeVolume('pod-1', 'v', EMPTY);
  const script = 'echo mine >/v/mine; ln -s /dev /v/dev; mkfifo /v/pipe; ln -s mine /v/link';
  const spec = scriptContainer('pod-1', script, { mounts: [MOUNT] });
  await driver.startContainer(spec);
  await ended(driver, spec.id);
  const theirs = join(dataDirectory, 'pods/pod-1/volumes/v/theirs');
  writeFileSync(theirs, 'hunter2');
  t.is(await driver.terminationMessage(spec.id, '/v/mine', 100), 'mine\n');
  for (const name of ['theirs', 'pipe', 'link', 'dev/zero', 'dev/null', 'dev/../../../sandbox.json'])
    t.is(await driver.terminationMessage(spec.id, `/v/${name}`, 100), '', name);
});

test('a process that forges whose it is, and leaves its session, goes with its pod all the same', async (t) => {
  const { driver } = await openProcessDriver(t);
  await driver.createSandbox(sandboxSpec('pod-1'));
  const script =
    'env -i PINTLE_CONTAINER=0.a.b.0 setsid sh -c "echo \\$\\$ >$HOME/pid; exec sleep 1000" & sleep 1000';
  const spec = scriptContainer('pod-1', script);
  await driver.startContainer(spec);
  const ran = async () =>
    driver.exec(spec.id, { command: ['sh', '-c', 'cat $HOME/pid'], timeoutMs: 10_000, outputBytesMax: 100 });
  await until(async () => (await ran()).exitCode === 0, { what: 'it has left' });
  const pid = Number((await ran()).output);
  t.true(existsSync(`/proc/${pid}`));
  await driver.removeSandbox('pod-1');
  await until(() => !existsSync(`/proc/${pid}`), { what: 'it is gone' });
});

test('a tree too deep to be walked by its path goes with its pod, and keeps no daemon from starting', async (t) => {
  const { driver, dataDirectory, another } = await openProcessDriver(t);
  await driver.createSandbox(sandboxSpec('pod-1'));
  const code = `process.chdir(process.env.HOME);
    for (let i = 0; i < 3000; i += 1) { fs.mkdirSync('d'); process.chdir('d'); }`;
  const spec = scriptContainer('pod-1', '', { command: ['node', '-e', code] });
  await driver.startContainer(spec);
  t.like(await ended(driver, spec.id), { exitCode: 0 });
  const pods = join(dataDirectory, 'pods');
  // As a crash leaves it.
  renameSync(join(pods, 'pod-1'), join(pods, '.removed-pod-1'));
  const next = another();
  await next.open();
  await until(() => !existsSync(join(pods, '.removed-pod-1')), { what: 'it is gone' });
  await next.close();
});

test('a pod has nothing of ours, can gain nothing, and cannot take all processes of the machine', async (t) => {
  const { driver } = await openProcessDriver(t);
  await driver.createSandbox(sandboxSpec('pod-1'));
  const script = 'cat /proc/self/status /proc/self/limits /proc/self/oom_score_adj; ls /proc/self/fd';
  const spec = scriptContainer('pod-1', script);
  await driver.startContainer(spec);
  await ended(driver, spec.id);
  const seen = await logText(driver, spec.id);
  t.regex(seen, /^Groups:\s*$/m);
  t.regex(seen, /^NoNewPrivs:\s+1$/m);
  for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
    t.regex(seen, new RegExp(`^${set}:\\s+0+$`, 'm'));
  t.regex(seen, new RegExp(`^Max processes +${limits.podProcessesMax} `, 'm'));
  t.regex(seen, /^500$/m);
  t.deepEqual(seen.trimEnd().split('\n').slice(-4), ['0', '1', '2', '3'], 'the third is the listing itself');
});

for (const kind of ['setpriv', 'node'] as const) {
  for (const env of [[['A', 'x']], [['a.b', 'x']]] as const) {
    test(`with ${kind}, and a variable ${env[0][0]}, a program is the pod’s user with nothing of ours`, async (t) => {
      const path = kind === 'node' ? process.execPath : '/usr/bin/setpriv';
      if (!existsSync(path)) return t.pass();
      const tools = {
        keeperScript: '',
        shell: '/bin/sh',
        envProgram: '/usr/bin/env',
        searchPath: '/usr/bin:/bin',
      };
      const spec = {
        id: 'pod.main.0',
        cwd: '/',
        user: 1_900_000_001,
        makeDirectories: [],
        stdin: false,
        stdinOnce: false,
        tty: false,
        env,
      };
      const argv = ['/bin/sh', '-c', 'id -u; id -G; ls /proc/self/fd; tr "\\0" "\\n" </proc/$$/environ'];
      const options = { directory: await temporaryDirectory(t), marker: 'marked', stdin: false };
      const child = spawnEntering(
        { ...spec, argv },
        { ...options, tools: { ...tools, changeUser: { kind, path } } },
      );
      let said = '';
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (chunk) => (said += String(chunk)));
      const code = await new Promise((resolve) => child.on('close', resolve));
      t.is(code, 0, said);
      // A companion closes the higher ones that it was started with itself; this test is none.
      t.regex(said, /^1900000001\n1900000001\n0\n1\n2\n(\d{2,}\n)*3\n(?!\d)/);
      t.regex(said, new RegExp(`^${env[0][0]}=x$`, 'm'));
      t.regex(said, /^PINTLE_CONTAINER=marked$/m);
    });
  }
}
