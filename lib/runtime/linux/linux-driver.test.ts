import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import test from 'ava';
import { withEveryLauncher } from '../../testing/linux-launchers.ts';
import { openLinuxDriver } from '../../testing/open-linux-driver.ts';
import { ended, logText, recordOf, sandboxSpec, scriptContainer } from '../../testing/open-process-driver.ts';
import { until } from '../../testing/until.ts';
import type { ContainerSpec, Mount, PodDriver, VolumeContent } from '../driver.ts';

const MEBI = 1024 * 1024;

/** Runs a script to its end and gives its output with its end. */
async function ran(
  driver: PodDriver,
  script: string,
  more: Partial<ContainerSpec> = {},
): Promise<{ readonly code: number | null; readonly text: string; readonly oomKilled: boolean }> {
  const spec = scriptContainer('pod', script, more);
  const { refused, failed } = await driver.startContainer(spec);
  if (refused !== undefined || failed !== undefined) throw new Error(refused?.message ?? failed);
  const state = await ended(driver, spec.id);
  const text = await logText(driver, spec.id);
  return state.phase === 'exited'
    ? { code: state.exitCode, text, oomKilled: state.oomKilled }
    : { code: null, text, oomKilled: false };
}

const files = (texts: Readonly<Record<string, string>>, secret = false): VolumeContent => ({
  kind: 'files',
  secret,
  files: Object.entries(texts).map(([path, text]) => ({ path, bytes: Buffer.from(text), mode: 0o644 })),
});
const empty: VolumeContent = { kind: 'empty', memory: false, sizeLimitBytes: null };
const at = (volume: string, mountPath: string, more: Partial<Mount> = {}): Mount => ({
  ...{ volume, mountPath, readOnly: false },
  ...more,
});

withEveryLauncher(test, 'a pod has its own name, address, files and first process', async (t, launcher) => {
  const { driver } = await openLinuxDriver(t, launcher);
  const { podIP } = await driver.createSandbox(sandboxSpec('pod'));
  const { text } = await ran(
    driver,
    'hostname; tail -n 1 /etc/hosts; cat /etc/hostname; ip -4 -o addr show eth0; echo $$; pwd; touch /written && echo writable',
  );
  t.true(text.startsWith(`pod\n${podIP}\tpod\npod\n`), text);
  t.regex(text, new RegExp(`inet ${podIP.replaceAll('.', '\\.')}/`));
  t.true(text.endsWith('\n1\n/\nwritable\n'), text);
});

withEveryLauncher(
  test,
  'who eats more memory than it may is killed, told so, and alone',
  async (t, launcher) => {
    const { driver } = await openLinuxDriver(t, launcher);
    await driver.createSandbox(sandboxSpec('pod'));
    const other = scriptContainer('pod', 'sleep 1000', { container: 'other' });
    await driver.startContainer(other);
    // Itself, a child it waits for, several at once.
    const eaters = [
      'exec tail /dev/zero',
      'tail /dev/zero; exit $?',
      'tail /dev/zero & tail /dev/zero & wait $!',
    ];
    for (const [attempt, script] of eaters.entries()) {
      const eater = await ran(driver, script, {
        ...{ memoryLimitBytes: 32 * MEBI, attempt },
      });
      t.like(eater, { code: 137, oomKilled: true }, script);
    }
    // Too little to start with: the program never ran, and its limit is to blame. runc has its own words for it.
    const small = scriptContainer('pod', 'true', { container: 'small', memoryLimitBytes: MEBI });
    await driver.startContainer(small);
    const state = await ended(driver, small.id);
    t.regex(state.phase === 'failed' ? state.message : state.phase, /memory limit (is )?too low/);
    t.is((await recordOf(driver, other.id))?.state.phase, 'running');
  },
);

withEveryLauncher(
  test,
  'containers of a pod share volumes, a network and its memory files',
  async (t, launcher) => {
    const { driver } = await openLinuxDriver(t, launcher);
    await driver.createSandbox(sandboxSpec('pod'));
    await driver.writeVolume('pod', 'shared', empty);
    await driver.writeVolume('pod', 'small', { kind: 'empty', memory: true, sizeLimitBytes: MEBI });
    const mounts = [at('shared', '/data/deep'), at('small', '/small')];
    const first = await ran(
      driver,
      'echo one >/data/deep/file; echo shm >/dev/shm/file; head -c 2M /dev/zero >/small/file',
      {
        ...{ mounts, container: 'first' },
      },
    );
    t.regex(first.text, /No space left/);
    const readOnly = [at('shared', '/data', { readOnly: true })];
    const second = await ran(driver, 'cat /data/file /dev/shm/file; touch /data/new || echo refused', {
      mounts: readOnly,
    });
    // Its two streams are read one beside the other.
    t.regex(second.text, /^one\nshm\n(?=[\s\S]*^refused$)[\s\S]*Read-only file system$/m);
  },
);

withEveryLauncher(
  test,
  'files of a volume are replaced at once; secrets are in memory alone',
  async (t, launcher) => {
    const { driver } = await openLinuxDriver(t, launcher);
    await driver.createSandbox(sandboxSpec('pod'));
    await driver.writeVolume('pod', 'secret', files({ key: 'old' }, true));
    const spec = scriptContainer(
      'pod',
      'stat -f -c %T /secret; cat /secret/key; while [ "$(cat /secret/key)" = old ]; do sleep 0.05; done; cat /secret/key',
      {
        mounts: [at('secret', '/secret', { readOnly: true })],
      },
    );
    await driver.startContainer(spec);
    await until(async () => (await logText(driver, spec.id)).includes('old'), {
      what: 'it reads the secret',
    });
    await driver.writeVolume('pod', 'secret', files({ key: 'new' }, true));
    t.like(await ended(driver, spec.id), { phase: 'exited', exitCode: 0 });
    t.is(await logText(driver, spec.id), 'tmpfs\noldnew');
  },
);

withEveryLauncher(test, 'a subPath is found in its volume, and nowhere else', async (t, launcher) => {
  const { driver } = await openLinuxDriver(t, launcher);
  await driver.createSandbox(sandboxSpec('pod'));
  await driver.writeVolume('pod', 'config', files({ 'app.conf': 'the config' }));
  await driver.writeVolume('pod', 'data', empty);
  const mounts = [
    at('config', '/etc/app.conf', { subPath: 'app.conf', readOnly: true }),
    at('data', '/made', { subPath: 'a/b' }),
    at('data', '/all'),
  ];
  const { text } = await ran(
    driver,
    'cat /etc/app.conf; touch /made/here; ls /all/a/b; ln -s /etc /all/out; ln -s ../../../.. /all/up; ln -s a /all/in',
    { mounts },
  );
  t.is(text, 'the confighere\n');
  for (const [attempt, subPath] of ['out', 'up', 'out/ssl', 'in/../../..'].entries()) {
    const spec = scriptContainer('pod', 'ls /made', {
      attempt: attempt + 1,
      mounts: [at('data', '/made', { subPath })],
    });
    t.is((await driver.startContainer(spec)).refused?.reason, 'CreateContainerConfigError', subPath);
  }
  t.is(
    (await ran(driver, 'ls /made', { attempt: 9, mounts: [at('data', '/made', { subPath: 'in/b' })] })).text,
    'here\n',
  );
});

withEveryLauncher(test, 'a command comes into the container as one of its own', async (t, launcher) => {
  const { driver } = await openLinuxDriver(t, launcher);
  await driver.createSandbox(sandboxSpec('pod'));
  const spec = scriptContainer('pod', 'exec sleep 1000', {
    ...{ user: 1234, group: 1234, workingDir: '/tmp', env: [{ name: 'WORD', value: "it's" }] },
    memoryLimitBytes: 64 * MEBI,
  });
  await driver.startContainer(spec);
  const run = (command: readonly string[]) =>
    driver.exec(spec.id, { command, timeoutMs: 20_000, outputBytesMax: 10_000 });
  const said = await run([
    'sh',
    '-c',
    'id -u; id -g; pwd; echo "$WORD"; hostname; cat /proc/1/comm; grep CapEff /proc/self/status',
  ]);
  t.is(said.output, "1234\n1234\n/tmp\nit's\npod\nsleep\nCapEff:\t0000000000000000\n");
  t.is((await run(['sh', '-c', 'exit 7'])).exitCode, 7);
  t.true([126, 127, 255, 1].includes((await run(['/no/such/program'])).exitCode ?? 0));
  t.is((await run(['tail', '/dev/zero'])).exitCode, 137);
  t.is((await recordOf(driver, spec.id))?.state.phase, 'running');
});

withEveryLauncher(test, 'a command that is let go of ends in the container, too', async (t, launcher) => {
  const { driver } = await openLinuxDriver(t, launcher);
  await driver.createSandbox(sandboxSpec('pod'));
  const spec = scriptContainer('pod', 'sleep 1000');
  await driver.startContainer(spec);
  const stdout = new PassThrough();
  let said = '';
  stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const session = await driver.execStream(spec.id, { command: ['sh', '-c', 'echo on; sleep 4321'], stdout });
  await until(async () => said.includes('on'), { what: 'the command runs' });
  session.kill();
  await session.exited;
  await until(
    async () => {
      const { output } = await driver.exec(spec.id, {
        command: ['sh', '-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "'],
        ...{ timeoutMs: 20_000, outputBytesMax: 100_000 },
      });
      return !output.includes('sleep 4321');
    },
    { what: 'the command has ended in the container' },
  );
  t.pass();
});

withEveryLauncher(test, 'a terminal is one, and what is typed reaches the program', async (t, launcher) => {
  const { driver } = await openLinuxDriver(t, launcher);
  await driver.createSandbox(sandboxSpec('pod'));
  const spec = scriptContainer(
    'pod',
    'test -t 0 && test -t 1 && echo terminal; read word; echo "got $word"',
    {
      ...{ stdin: true, tty: true },
    },
  );
  await driver.startContainer(spec);
  const stdin = new PassThrough();
  const session = await driver.attach(spec.id, { stdin, stdout: new PassThrough(), tty: true });
  stdin.write('hello\n');
  t.like(await ended(driver, spec.id), { phase: 'exited', exitCode: 0 });
  session.kill();
  t.regex(await logText(driver, spec.id), /terminal\r?\n[\s\S]*got hello/);
});

withEveryLauncher(test, 'a log that floods is rotated without losing a line', async (t, launcher) => {
  const { driver, dataDirectory } = await openLinuxDriver(t, launcher);
  await driver.createSandbox(sandboxSpec('pod'));
  const line = 'x'.repeat(90);
  const { text } = await ran(driver, `i=0; yes ${line} | head -n 200000 | cat -n`);
  const numbers = text.split('\n').flatMap((one) => (one === '' ? [] : [Number.parseInt(one.trim(), 10)]));
  const first = numbers[0] ?? 0;
  t.is(numbers.at(-1), 200_000);
  t.true(numbers.every((number, index) => number === first + index));
  t.true(readFileSync(join(dataDirectory, 'pods/pod/containers/main.0/stdout.log')).length < 12 * MEBI);
});

withEveryLauncher(test, 'last words, and what a container uses', async (t, launcher) => {
  const { driver } = await openLinuxDriver(t, launcher);
  await driver.createSandbox(sandboxSpec('pod'));
  const busy = scriptContainer('pod', 'while :; do :; done', { container: 'busy', cpuLimitMillis: 200 });
  await driver.startContainer(busy);
  const spec = { terminationMessagePath: '/tmp/words' };
  await ran(driver, 'echo goodbye >/tmp/words; exit 1', spec);
  t.is(await driver.terminationMessage('pod.main.0', '/tmp/words', 100), 'goodbye\n');
  await driver.stats();
  let used = 0;
  await until(
    async () => {
      const mine = (await driver.stats()).find(({ container }) => container === 'busy');
      used = mine?.cpuMillis ?? 0;
      return used > 50 && (mine?.windowMs ?? 0) > 0;
    },
    { what: 'it is seen to work' },
  );
  const throttled = await driver.exec(busy.id, {
    command: ['sh', '-c', 'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu.max 2>/dev/null || :'],
    ...{ timeoutMs: 20_000, outputBytesMax: 1000 },
  });
  t.is(throttled.exitCode, 0);
  t.true(used > 0);
});
