import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { markerOf, markerValue } from '../lib/runtime/agent/marker.ts';
import { kubectlBinaries } from '../lib/testing/kubectl.ts';
import { temporaryDirectory } from '../lib/testing/temporary-directory.ts';
import { until } from '../lib/testing/until.ts';

const execute = promisify(execFile);
const start = join(import.meta.dirname, 'start.ts');

/** The processes of a data directory: those of its pods, and those of ours that name it. */
function processesOf(dataDirectory: string, pods: string): readonly string[] {
  const ofPods = markerValue(pods, '');
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const commandLine = commandLineOf(pid);
      const isOurs = commandLine.includes(dataDirectory);
      return isOurs || markerOf(Number(pid))?.startsWith(ofPods) === true ? [`${pid} ${commandLine}`] : [];
    });
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** Runs npm start's program as a shell would: in a process group of its own, which Ctrl-C reaches as one. */
async function demonstration(t: { teardown(run: () => Promise<void>): void }) {
  const directory = await temporaryDirectory(t);
  const env = { ...process.env, TMPDIR: directory, HOME: directory, NO_COLOR: '1', GIT_CONFIG_NOSYSTEM: '1' };
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', start], {
    detached: true,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => {
      text += bytes.toString();
    });
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const interrupt = async (): Promise<number | null> => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
    return ended;
  };
  t.teardown(async () => void (await interrupt()));
  return {
    env,
    interrupt,
    text: () => text,
    untilSaid: (said: RegExp, deadlineMs = 60_000) =>
      until(() => said.test(text), { what: `${said} in:\n${text}`, deadlineMs }),
  };
}

test('npm start: healthy, what it proposes works, and Ctrl-C leaves nothing behind', async (t) => {
  const { env, interrupt, text, untilSaid } = await demonstration(t);
  await untilSaid(/^Ctrl-C ends/m);
  t.regex(text(), /^Healthy: 14 of 14$/m);

  const port = /curl http:\/\/localhost:(\d+)\//.exec(text())?.[1] ?? '';
  const page = await (await fetch(`http://127.0.0.1:${port}/`)).text();
  t.regex(page, /^Welcome to the shop \(v1, web-/);
  t.true(page.includes('pintle: 15 EUR'), page);

  const clone = /^ {2}cd (\S+)$/m.exec(text())?.[1] ?? '';
  const shell = (command: string | undefined) =>
    execute('sh', ['-c', command ?? 'false'], { cwd: clone, env });
  const proposed = (what: RegExp) =>
    text()
      .split('\n')
      .find((line) => line.startsWith('  ') && what.test(line));
  await shell(proposed(/^ *sed .*Five/));
  await untilSaid(/^commit .* Five$.*^Healthy: 14 of 14$/ms);
  // Status commits are at most one in two seconds.
  const written = async () => (await shell(proposed(/^ *git fetch/))).stdout;
  await until(async () => /^# Healthy: 14 of 14 healthy\n.*\(Five\)/s.test(await written()), {
    what: 'the status commit',
  });

  const dataDirectory = join(clone, '..', 'data');
  const pods = realpathSync(join(dataDirectory, 'pods'));
  const kubectl = kubectlBinaries().at(-1);
  if (kubectl !== undefined) {
    const asked = proposed(/^ *kubectl /)?.replace('kubectl', kubectl);
    t.regex((await shell(asked)).stdout, /^shop +web-\S+ +1\/1 +Running /m);
  }
  // Five web pods, the API and the worker, each with its keeper; the agent, the proxy.
  t.true(processesOf(dataDirectory, pods).length >= 9, text());
  t.is(await interrupt(), 0, text());
  t.regex(text(), /The demonstration has ended/);
  t.deepEqual(processesOf(dataDirectory, pods), []);
});

test('npm start that is interrupted while it begins ends everything, too', async (t) => {
  const { interrupt, text, untilSaid } = await demonstration(t);
  await untilSaid(/^applied/m);
  t.is(await interrupt(), 0);
  const directory = /demonstration is in (\S+)\.$/m.exec(text())?.[1] ?? '';
  const dataDirectory = join(directory, 'data');
  // Where pods had networks and files of their own, nothing is left of their directory either.
  const pods = join(dataDirectory, 'pods');
  t.deepEqual(processesOf(dataDirectory, existsSync(pods) ? realpathSync(pods) : pods), []);
});
