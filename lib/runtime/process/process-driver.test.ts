import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import test from 'ava';
import {
  ended,
  logText,
  openProcessDriver,
  recordOf,
  sandboxSpec,
  scriptContainer,
} from '../../testing/open-process-driver.ts';
import { until } from '../../testing/until.ts';

const runs = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
};

test('a container runs, its exit code and both streams are kept', async (t) => {
  const { driver } = await openProcessDriver(t);
  await driver.createSandbox(sandboxSpec('pod-1'));
  const spec = scriptContainer('pod-1', 'echo out; echo err >&2; printf last; exit 3');
  await driver.startContainer(spec);
  const state = await ended(driver, spec.id);
  t.like(state, { phase: 'exited', exitCode: 3, signal: null, oomKilled: false });
  const text = await logText(driver, spec.id);
  t.deepEqual([...text.split('\n')].sort(), ['err', 'last', 'out']);
});

test('starting twice, and at once, starts one process', async (t) => {
  const { driver } = await openProcessDriver(t);
  await driver.createSandbox(sandboxSpec('pod-1'));
  const spec = scriptContainer('pod-1', 'echo started; sleep 100');
  await Promise.all([driver.startContainer(spec), driver.startContainer(spec)]);
  const first = await recordOf(driver, spec.id);
  await driver.startContainer(spec);
  t.deepEqual(await recordOf(driver, spec.id), first);
  await driver.signal(spec.id, 'SIGKILL');
  t.like(await ended(driver, spec.id), { phase: 'exited', exitCode: 137, signal: 9 });
  await driver.startContainer(spec);
  t.is(await logText(driver, spec.id), 'started\n');
});

test('a program that is not there, and no program at all, fail with the reason', async (t) => {
  const { driver } = await openProcessDriver(t);
  await driver.createSandbox(sandboxSpec('pod-1'));
  const absent = scriptContainer('pod-1', '', { command: ['no-such-program'], container: 'a' });
  const none = scriptContainer('pod-1', '', { command: [], container: 'b' });
  const nowhere = scriptContainer('pod-1', 'true', { workingDir: '/no/such/dir', container: 'c' });
  for (const spec of [absent, none, nowhere]) await driver.startContainer(spec);
  const messageOf = async (id: string): Promise<string> => {
    const state = (await recordOf(driver, id))?.state;
    return state?.phase === 'failed' ? state.message : '';
  };
  t.regex(await messageOf(absent.id), /no-such-program.*not found in \$PATH/);
  t.regex(await messageOf(none.id), /no command/);
  t.regex(await messageOf(nowhere.id), /working directory/);
});

test('a signal reaches the whole group, and what left the group goes with the container', async (t) => {
  const { driver } = await openProcessDriver(t);
  await driver.createSandbox(sandboxSpec('pod-1'));
  const script =
    'setsid sleep 1000 & echo $!; env -i setsid sleep 1001 & echo $!; sleep 1002 & echo $!; echo ok; wait';
  const spec = scriptContainer('pod-1', script);
  await driver.startContainer(spec);
  await until(async () => (await logText(driver, spec.id)).includes('ok'), { what: 'its children run' });
  const pids = (await logText(driver, spec.id)).split('\n').slice(0, 3).map(Number);
  t.true(pids.every(runs));
  await driver.signal(spec.id, 'SIGTERM');
  t.like(await ended(driver, spec.id), { phase: 'exited', exitCode: 143, signal: 15 });
  await until(() => !runs(pids[0] ?? 0) && !runs(pids[2] ?? 0), { what: 'the group and the marked one end' });
  await driver.removeSandbox('pod-1');
  // The one without the marker is found by the pod's own user, which it has when we are root.
  if (process.getuid?.() === 0) t.false(pids.some(runs));
  else process.kill(pids[1] ?? 0, 'SIGKILL');
  t.deepEqual(await driver.list(), []);
  t.deepEqual(await driver.sandboxes(), []);
});

test('the environment holds what was given and nothing of ours', async (t) => {
  const { driver } = await openProcessDriver(t);
  process.env.PINTLE_TEST_LEAK = 'leaked';
  await driver.createSandbox(sandboxSpec('pod-1'));
  const odd = `it's "odd" $HOME \`x\` \\ \n end`;
  const env = [
    { name: 'A', value: odd },
    { name: 'with.dots', value: 'dotted' },
    { name: 'IFS', value: 'ifs' },
    { name: 'OPTIND', value: 'not a number' },
  ];
  const code = 'console.log(JSON.stringify(process.env))';
  const spec = scriptContainer('pod-1', '', { command: ['node', '-e', code], env });
  await driver.startContainer(spec);
  await ended(driver, spec.id);
  const seen = JSON.parse(await logText(driver, spec.id));
  t.like(seen, { A: odd, 'with.dots': 'dotted', IFS: 'ifs', OPTIND: 'not a number', HOSTNAME: 'pod-1' });
  t.deepEqual(
    Object.keys(seen).sort(),
    ['A', 'HOME', 'HOSTNAME', 'IFS', 'OPTIND', 'PATH', 'PINTLE_CONTAINER', 'with.dots'].sort(),
  );
});

test('volumes: mount paths lead into the pod, content is switched, an empty volume keeps what is in it', async (t) => {
  const { driver, dataDirectory } = await openProcessDriver(t);
  await driver.createSandbox(sandboxSpec('pod-1'));
  const files = (text: string) =>
    ({
      kind: 'files',
      secret: false,
      files: [{ path: 'deep/a.txt', bytes: Buffer.from(text), mode: 0o400 }],
    }) as const;
  await driver.writeVolume('pod-1', 'config', files('one'));
  await driver.writeVolume('pod-1', 'scratch', { kind: 'empty', memory: false, sizeLimitBytes: null });
  const mounts = [
    { volume: 'config', mountPath: '/etc/app', readOnly: true },
    { volume: 'scratch', mountPath: '/data', readOnly: false },
    { volume: 'scratch', mountPath: '/data/sub', subPath: 'nested/here', readOnly: false },
  ];
  const script =
    'cat /etc/app/deep/a.txt >/data/copy; echo x >/data/sub/y; pwd; cat "$WHERE"/y; echo m >/dev/termination-log';
  const spec = scriptContainer('pod-1', script, {
    mounts,
    workingDir: '/data',
    env: [{ name: 'WHERE', value: '/data/sub' }],
  });
  const { limitations } = await driver.startContainer(spec);
  t.true(limitations.some((text) => text.includes('/etc/app')));
  t.like(await ended(driver, spec.id), { exitCode: 0 });
  const scratch = join(dataDirectory, 'pods', 'pod-1', 'volumes', 'scratch');
  t.is(readFileSync(join(scratch, 'copy'), 'utf8'), 'one');
  t.is(await logText(driver, spec.id), `${scratch}\nx\n`);
  t.is(await driver.terminationMessage(spec.id, '/dev/termination-log', 100), 'm\n');
  t.is(await driver.terminationMessage(spec.id, '/data/copy', 100), 'one');
  t.is(await driver.terminationMessage(spec.id, '/etc/passwd', 100), '');

  await driver.writeVolume('pod-1', 'config', files('two'));
  await driver.writeVolume('pod-1', 'scratch', { kind: 'empty', memory: false, sizeLimitBytes: null });
  t.is(readFileSync(join(dataDirectory, 'pods/pod-1/volumes/config/deep/a.txt'), 'utf8'), 'two');
  t.true(existsSync(join(scratch, 'nested/here/y')));
  await driver.removeSandbox('pod-1');
  t.false(existsSync(join(dataDirectory, 'pods/pod-1')));
});

test('a command that is run in a container means by a path what the container means by it', async (t) => {
  const { driver } = await openProcessDriver(t);
  await driver.createSandbox(sandboxSpec('pod-1'));
  await driver.writeVolume('pod-1', 'scratch', { kind: 'empty', memory: false, sizeLimitBytes: null });
  const spec = scriptContainer('pod-1', 'echo from the container >/data/file; echo up; sleep 1000', {
    mounts: [{ volume: 'scratch', mountPath: '/data', readOnly: false }],
  });
  await driver.startContainer(spec);
  await until(async () => (await logText(driver, spec.id)) !== '', { what: 'it runs' });
  const run = (command: readonly string[]) =>
    driver.exec(spec.id, { command, timeoutMs: 20_000, outputBytesMax: 100 });
  t.like(await run(['cat', '/data/file']), { exitCode: 0, output: 'from the container\n' });
  t.like(await run(['sh', '-c', 'echo last >/dev/termination-log; test -f /data/file']), { exitCode: 0 });
  t.is(await driver.terminationMessage(spec.id, '/dev/termination-log', 100), 'last\n');
});

test('a termination message that is a link out of the pod is not read', async (t) => {
  const { driver } = await openProcessDriver(t);
  await driver.createSandbox(sandboxSpec('pod-1'));
  await driver.writeVolume('pod-1', 'v', { kind: 'empty', memory: false, sizeLimitBytes: null });
  const spec = scriptContainer('pod-1', 'ln -s /etc/passwd /v/link; ln -s /etc /v/etc', {
    mounts: [{ volume: 'v', mountPath: '/v', readOnly: false }],
  });
  await driver.startContainer(spec);
  t.like(await ended(driver, spec.id), { exitCode: 0 });
  t.is(await driver.terminationMessage(spec.id, '/v/link', 100), '');
  t.is(await driver.terminationMessage(spec.id, '/v/etc/passwd', 100), '');
  t.is(await driver.terminationMessage(spec.id, '/v/\0', 100), '');
  t.is(await driver.terminationMessage(spec.id, `/v/${'x'.repeat(5000)}`, 100), '');
});

test('pods that want one port get different ones, and addresses of their own, which stay', async (t) => {
  const { driver, another } = await openProcessDriver(t);
  const a = await driver.createSandbox(sandboxSpec('pod-a', [18_461]));
  const b = await driver.createSandbox(sandboxSpec('pod-b', [18_461]));
  t.is(a.ports.get(18_461), 18_461);
  t.not(b.ports.get(18_461), 18_461);
  t.not(a.podIP, b.podIP);
  t.regex(b.limitations.join(' '), /18461.*PORT/);
  await driver.close();
  const next = another();
  await next.open();
  t.teardown(() => next.close());
  t.deepEqual(await next.createSandbox(sandboxSpec('pod-b', [18_461])), b);
  t.is((await next.sandboxes()).length, 2);
});

test('images: host runs, others are refused unless they are assumed to be the host', async (t) => {
  const { driver } = await openProcessDriver(t);
  for (const image of ['host', 'host:latest', 'host:1.2']) t.true((await driver.image(image, '')).ok);
  for (const image of ['nginx', 'docker.io/host', 'hosts', 'host@sha256:0', 'host:a b']) {
    t.like(await driver.image(image, ''), { ok: false, reason: 'ErrImageNeverPull' });
  }
  const assuming = await openProcessDriver(t, { settings: { assumeHostImages: true } });
  t.true((await assuming.driver.image('nginx:1.27', 'Always')).ok);
});

test('exec runs in the container’s place, gives its code, is cut off in time, and takes stdin', async (t) => {
  const { driver } = await openProcessDriver(t);
  await driver.createSandbox(sandboxSpec('pod-1'));
  const spec = scriptContainer('pod-1', 'id -u; sleep 1000', { env: [{ name: 'A', value: 'b' }] });
  await driver.startContainer(spec);
  const run = (command: readonly string[], timeoutMs = 20_000) =>
    driver.exec(spec.id, { command, timeoutMs, outputBytesMax: 10 });
  await until(async () => (await logText(driver, spec.id)) !== '', { what: 'it runs' });
  const user = await logText(driver, spec.id);
  t.deepEqual(await run(['sh', '-c', 'id -u; exit 4']), {
    exitCode: 4,
    timedOut: false,
    output: user.slice(0, 10),
  });
  t.is((await run(['sh', '-c', 'echo $A'])).output, 'b\n');
  t.like(await run(['sleep', '1000'], 100), { exitCode: null, timedOut: true });
  t.is((await run(['no-such'])).exitCode, 127);
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const session = await driver.execStream(spec.id, { command: ['cat'], stdin, stdout });
  stdin.end('through');
  t.is(await session.exited, 0);
  t.is(stdout.read()?.toString(), 'through');
  await driver.signal(spec.id, 'SIGKILL');
  await ended(driver, spec.id);
  await t.throwsAsync(run(['true']), { code: 'CONTAINER_NOT_RUNNING' });
});

test('exec with a terminal has one, of the size that was asked for', async (t) => {
  const { driver } = await openProcessDriver(t);
  await driver.createSandbox(sandboxSpec('pod-1'));
  const spec = scriptContainer('pod-1', 'sleep 1000');
  await driver.startContainer(spec);
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  let seen = '';
  stdout.on('data', (chunk) => {
    seen += String(chunk);
  });
  const session = await driver.execStream(spec.id, { command: ['sh'], stdin, stdout, tty: true });
  stdin.write('tty\n');
  await until(() => /\/dev\/pts\/\d/.test(seen), { what: 'it has a terminal' });
  session.resize({ columns: 91, rows: 33 });
  await until(
    () => {
      stdin.write('stty size\n');
      return seen.includes('33 91');
    },
    { what: 'it has the size' },
  );
  stdin.write('exit 5\n');
  t.is(await session.exited, 5);
});

test('attach passes output on as it comes, and stdin, which stays open', async (t) => {
  const { driver } = await openProcessDriver(t);
  await driver.createSandbox(sandboxSpec('pod-1'));
  const spec = scriptContainer(
    'pod-1',
    'while read -r line; do [ "$line" = end ] && exit 6; echo "got $line"; done',
    {
      stdin: true,
    },
  );
  await driver.startContainer(spec);
  for (const round of ['one', 'two']) {
    const stdin = new PassThrough();
    const stdout = new PassThrough();
    const session = await driver.attach(spec.id, { stdin, stdout });
    stdin.write(`${round}\n`);
    await until(() => stdout.readableLength > 0, { what: 'an answer' });
    t.is(stdout.read().toString(), `got ${round}\n`);
    session.kill();
    await session.exited;
  }
  const stdin = new PassThrough();
  const session = await driver.attach(spec.id, { stdin });
  stdin.write('end\n');
  t.is(await session.exited, 6);
});

test('stdin that is for the first client ends with it; the next one speaks to nobody', async (t) => {
  const { driver } = await openProcessDriver(t);
  await driver.createSandbox(sandboxSpec('pod-1'));
  const spec = scriptContainer('pod-1', 'cat; echo ended; sleep 1000', { stdin: true, stdinOnce: true });
  await driver.startContainer(spec);
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const session = await driver.attach(spec.id, { stdin, stdout });
  stdin.end('a\nb\n');
  await until(() => stdout.readableLength === 10, { what: 'its end' });
  t.is(stdout.read().toString(), 'a\nb\nended\n');
  session.kill();
  const late = new PassThrough();
  const again = await driver.attach(spec.id, { stdin: late });
  late.end('c\n');
  await until(() => late.readableEnded, { what: 'it to be read' });
  again.kill();
  t.is(await again.exited, null);
});

test('stdin that is for the first client waits for it, and does not outlive its container', async (t) => {
  const { driver } = await openProcessDriver(t);
  await driver.createSandbox(sandboxSpec('pod-1'));
  const spec = scriptContainer('pod-1', 'sleep 0.3; exit 3', { stdin: true, stdinOnce: true });
  await driver.startContainer(spec);
  t.like(await ended(driver, spec.id), { phase: 'exited', exitCode: 3 });
  await t.throwsAsync(driver.attach(spec.id, {}), { code: 'CONTAINER_NOT_RUNNING' });
});

test('a container with tty has a terminal, with the size of who is attached; it ends as others do', async (t) => {
  const { driver } = await openProcessDriver(t);
  await driver.createSandbox(sandboxSpec('pod-1'));
  const spec = scriptContainer('pod-1', 'trap "echo bye; exit 9" TERM; while read -r line; do $line; done', {
    stdin: true,
    tty: true,
  });
  await driver.startContainer(spec);
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  let seen = '';
  stdout.on('data', (chunk) => {
    seen += String(chunk);
  });
  const session = await driver.attach(spec.id, { stdin, stdout, tty: true });
  stdin.write('tty\n');
  await until(() => /\/dev\/pts\/\d+\r\n/.test(seen), { what: 'its terminal' });
  session.resize({ columns: 93, rows: 31 });
  await until(
    () => {
      stdin.write('stty size\n');
      return seen.includes('31 93');
    },
    { what: 'the size' },
  );
  await driver.signal(spec.id, 'SIGTERM');
  stdin.write('true\n');
  t.is(await session.exited, 9);
  t.true(seen.includes('bye'));
  t.like(await ended(driver, spec.id), { phase: 'exited', exitCode: 9 });
});

test('CPU and memory are those of all processes of the container', async (t) => {
  const { driver } = await openProcessDriver(t);
  await driver.createSandbox(sandboxSpec('pod-1'));
  const busy = scriptContainer('pod-1', 'setsid sh -c "while :; do :; done"', { container: 'busy' });
  const idle = scriptContainer('pod-1', 'sleep 1000', { container: 'idle' });
  for (const spec of [busy, idle]) await driver.startContainer(spec);
  await until(
    async () => {
      const stats = await driver.stats();
      const of = (name: string) => stats.find(({ container }) => container === name);
      return (
        (of('busy')?.cpuMillis ?? 0) > 200 &&
        (of('idle')?.cpuMillis ?? 999) < 100 &&
        (of('idle')?.memoryBytes ?? 0) > 0
      );
    },
    { what: 'the busy one is seen to be busy' },
  );
  t.pass();
});

test('shutDown ends every container and the agent; the records are there when it opens again', async (t) => {
  const { driver, another } = await openProcessDriver(t);
  await driver.createSandbox(sandboxSpec('pod-1'));
  const spec = scriptContainer('pod-1', 'trap "" TERM; while :; do sleep 1; done');
  await driver.startContainer(spec);
  const state = (await recordOf(driver, spec.id))?.state;
  await driver.shutDown();
  t.false(runs(state?.phase === 'running' ? state.pid : 0));
  const next = another();
  await next.open();
  t.teardown(() => next.close());
  t.like(await recordOf(next, spec.id), { state: { phase: 'exited', exitCode: 137 } });
});

test('pods under a data directory that keeps others out lie elsewhere, and run', async (t) => {
  const { driver, dataDirectory } = await openProcessDriver(t);
  await driver.createSandbox(sandboxSpec('pod-1'));
  const spec = scriptContainer('pod-1', 'echo here; node -e 0', { workingDir: null });
  await driver.startContainer(spec);
  t.like(await ended(driver, spec.id), { exitCode: 0 });
  t.true(existsSync(join(dataDirectory, 'pods')));
});
