import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { isAlive, parseIdentity } from '../../base/companion/process-identity.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { until } from '../../testing/until.ts';
import { entering, quote } from './entering.ts';
import { KEEPER_SCRIPT, runScript } from './keeper-script.ts';
import type { LaunchSpec } from './launch-spec.ts';

const shells = [['dash'], ['bash', '--posix'], ['busybox', 'sh'], ['sh']].filter(
  ([program = '', ...args]) => spawnSync(program, [...args, '-c', ':'], { stdio: 'ignore' }).status === 0,
);

const spec = (argv: readonly string[], more: Partial<LaunchSpec> = {}): LaunchSpec => ({
  id: 'p.c.0',
  argv,
  env: [['PATH', process.env.PATH ?? '']],
  cwd: '/',
  user: null,
  makeDirectories: [],
  stdin: false,
  stdinOnce: false,
  tty: false,
  ...more,
});

function keep(shell: readonly string[], directory: string, launch: LaunchSpec): ChildProcess {
  const how = entering(launch, {
    envProgram: '/usr/bin/env',
    changeUser: { kind: 'setpriv', path: '/bin/false' },
  });
  const inputPath = join(directory, 'enter');
  const stdin = !launch.stdin ? 'none' : launch.stdinOnce ? 'once' : 'open';
  const run: Parameters<typeof runScript>[0] = {
    stdin,
    bounded: false,
    entering: how,
    inputPath,
    nodePath: process.execPath,
  };
  if (!existsSync(inputPath)) {
    // Once: a keeper that was started before may be reading them.
    writeFileSync(inputPath, how.input);
    writeFileSync(join(directory, 'run'), runScript(run));
    writeFileSync(join(directory, 'keeper.sh'), KEEPER_SCRIPT);
  }
  const [program = '', ...args] = shell;
  return spawn(program, [...args, join(directory, 'keeper.sh'), directory], {
    detached: true,
    stdio: 'ignore',
  });
}

const read = (directory: string, name: string): string =>
  existsSync(join(directory, name)) ? readFileSync(join(directory, name), 'utf8') : '';
const exitOf = async (directory: string): Promise<string> => {
  await until(() => read(directory, 'exit') !== '', { what: 'an exit code' });
  return read(directory, 'exit').trim();
};

for (const shell of shells) {
  const name = shell.join(' ');

  test(`${name}: the exit code, both streams, and who they were`, async (t) => {
    const directory = await temporaryDirectory(t);
    keep(shell, directory, spec(['/bin/sh', '-c', 'echo out; echo err >&2; exit 42']));
    t.is(await exitOf(directory), '42');
    t.is(read(directory, 'stdout.log'), 'out\n');
    t.is(read(directory, 'stderr.log'), 'err\n');
    t.not(parseIdentity(read(directory, 'lock')), null);
    t.not(parseIdentity(read(directory, 'pid')), null);
  });

  test(`${name}: of two keepers for one container one starts it`, async (t) => {
    const directory = await temporaryDirectory(t);
    const launch = spec(['/bin/sh', '-c', 'echo started; sleep 0.2']);
    for (let at = 0; at < 4; at += 1) keep(shell, directory, launch);
    t.is(await exitOf(directory), '0');
    t.is(read(directory, 'stdout.log'), 'started\n');
  });

  test(`${name}: a container that is killed leaves 137, nothing in its log, and nothing of its group`, async (t) => {
    const directory = await temporaryDirectory(t);
    keep(shell, directory, spec(['/bin/sh', '-c', 'sleep 1000 & echo $!; wait']));
    await until(() => read(directory, 'stdout.log') !== '', { what: 'it runs' });
    const identity = parseIdentity(read(directory, 'pid'));
    process.kill(identity?.pid ?? 0, 'SIGKILL');
    t.is(await exitOf(directory), '137');
    t.is(read(directory, 'stderr.log'), '');
    const child = Number(read(directory, 'stdout.log'));
    await until(() => !existsSync(`/proc/${child}`), { what: 'its child is gone' });
    t.false(identity !== null && isAlive(identity));
  });

  test(`${name}: the keeper sits through signals, and its container is born with none ignored`, async (t) => {
    const directory = await temporaryDirectory(t);
    const keeper = keep(shell, directory, spec(['/bin/sh', '-c', 'cat /proc/self/status; sleep 1000']));
    await until(() => read(directory, 'stdout.log').includes('SigCgt'), { what: 'it runs' });
    t.regex(read(directory, 'stdout.log'), /^SigIgn:\s+0+$/m);
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1'] as const) keeper.kill(signal);
    process.kill(-(parseIdentity(read(directory, 'pid'))?.pid ?? 0), 'SIGTERM');
    t.is(await exitOf(directory), '143');
  });
}

test('any text is one word of sh', (t) => {
  for (const text of ['', 'a', "it's", '"$HOME" `x` \\', 'two\nlines', "'''", '-n', '*', 'ü€']) {
    const { stdout } = spawnSync('sh', ['-c', `printf '%s' ${quote(text)}`], { encoding: 'utf8' });
    t.is(stdout, text);
  }
});
