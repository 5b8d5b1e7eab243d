import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { readProcessStat } from '../../base/companion/process-identity.ts';
import { seededRandom } from '../../base/random.ts';
import { withEveryLauncher } from '../../testing/linux-launchers.ts';
import { linuxDriverOn, openLinuxDriver } from '../../testing/open-linux-driver.ts';
import {
  agentPid,
  ended,
  logText,
  recordOf,
  sandboxSpec,
  scriptContainer,
} from '../../testing/open-process-driver.ts';
import { until } from '../../testing/until.ts';

const directoryOf = (dataDirectory: string, podUid: string): string =>
  join(dataDirectory, 'pods', podUid, 'containers/main.0');
const numberIn = (path: string): number => Number.parseInt(readFileSync(path, 'latin1'), 10);

/** Everything that a container's directory says, for who has to find out why a test failed. */
function tracesOf(directory: string): Readonly<Record<string, string>> {
  const names = existsSync(directory) ? readdirSync(directory, { withFileTypes: true }) : [];
  const files = names.filter((entry) => entry.isFile() && !['run', 'after'].includes(entry.name));
  return Object.fromEntries(
    files.map(({ name }) => [name, readFileSync(join(directory, name), 'utf8').slice(0, 500)]),
  );
}

function isGone(pid: number): boolean {
  return [undefined, 'Z'].includes(readProcessStat(pid)?.state);
}

withEveryLauncher(
  test,
  'without daemon and agent pods run on, and what they did meanwhile is known',
  async (t, launcher) => {
    const { driver, dataDirectory, another } = await openLinuxDriver(t, launcher);
    await driver.createSandbox(sandboxSpec('stays'));
    await driver.createSandbox(sandboxSpec('ends'));
    const stays = scriptContainer('stays', 'sleep 1000');
    const ends = scriptContainer(
      'ends',
      'while [ ! -e /tmp/end ]; do sleep 0.05; done; echo meanwhile; exec tail /dev/zero',
      {
        memoryLimitBytes: 64 * 1024 * 1024,
      },
    );
    await driver.startContainer(stays);
    await driver.startContainer(ends);
    const before = await recordOf(driver, stays.id);
    await driver.exec(ends.id, { command: ['touch', '/tmp/end'], timeoutMs: 20_000, outputBytesMax: 100 });
    await driver.close();
    process.kill(agentPid(dataDirectory), 'SIGKILL');
    await until(async () => existsSync(join(directoryOf(dataDirectory, 'ends'), 'exit')), {
      what: 'it has ended',
    });
    const next = another();
    t.teardown(() => next.close());
    await next.open();
    t.deepEqual((await recordOf(next, stays.id))?.state, before?.state);
    t.like((await recordOf(next, ends.id))?.state, { phase: 'exited', exitCode: 137, oomKilled: true });
    t.is(await logText(next, ends.id), 'meanwhile\n');
    const { output } = await next.exec(stays.id, {
      command: ['hostname'],
      timeoutMs: 20_000,
      outputBytesMax: 100,
    });
    t.is(output, 'stays\n');
  },
);

withEveryLauncher(
  test,
  'a container ends with its launcher, and outlives its keeper',
  async (t, launcher) => {
    const { driver, dataDirectory } = await openLinuxDriver(t, launcher);
    for (const podUid of ['launcher', 'keeper']) {
      await driver.createSandbox(sandboxSpec(podUid));
      await driver.startContainer(scriptContainer(podUid, 'setsid sleep 1000 & sleep 1000'));
    }
    const pids = (podUid: string) => {
      const directory = directoryOf(dataDirectory, podUid);
      return {
        keeper: numberIn(join(directory, 'lock')),
        launcher: numberIn(join(directory, 'pid')),
        init: numberIn(join(directory, 'init')),
      };
    };
    const first = pids('launcher');
    process.kill(first.launcher, 'SIGKILL');
    t.like(await ended(driver, 'launcher.main.0'), { phase: 'exited', exitCode: 137 });
    t.true(isGone(first.init));
    const second = pids('keeper');
    process.kill(second.keeper, 'SIGKILL');
    t.is((await recordOf(driver, 'keeper.main.0'))?.state.phase, 'running');
    process.kill(second.init, 'SIGKILL');
    t.like(await ended(driver, 'keeper.main.0'), { phase: 'exited', exitCode: null });
  },
);

withEveryLauncher(
  test,
  'kill -9 of daemon and agent at any moment starts nothing twice and leaves nothing',
  async (t, launcher) => {
    const { driver, dataDirectory } = await openLinuxDriver(t, launcher);
    await driver.close();
    const random = seededRandom(11);
    for (let round = 0; round < 6; round += 1) {
      const crashing = join(import.meta.dirname, '../../testing/crashing-linux-driver.ts');
      const child = spawn(process.execPath, [crashing, dataDirectory, launcher], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const { promise: gone, resolve } = Promise.withResolvers<void>();
      child.once('exit', () => resolve());
      await new Promise<void>((opened) => child.stdout.once('data', () => opened()));
      const untilMs = performance.now() + random.next() * 1500;
      await until(async () => performance.now() >= untilMs, { what: 'its moment' });
      if (round % 2 === 0) process.kill(agentPid(dataDirectory), 'SIGKILL');
      child.kill('SIGKILL');
      await gone;
    }
    const next = linuxDriverOn(dataDirectory, launcher);
    t.teardown(() => next.close());
    await next.open();
    const pods = join(dataDirectory, 'pods');
    for (const { podUid } of await next.sandboxes()) {
      const starts = join(pods, podUid, 'volumes/data/starts');
      const directory = directoryOf(dataDirectory, podUid);
      const text = (): string => (existsSync(starts) ? readFileSync(starts, 'utf8') : '');
      // A shell that was met between opening the file and writing to it has not written yet. One whose pod was being removed never
      // will: it counts as running, and may be removed again, as soon as its launcher has begun it.
      let run = await recordOf(next, `${podUid}.main.0`);
      const isWritten = async (): Promise<boolean> => {
        run = await recordOf(next, `${podUid}.main.0`);
        return run?.state.phase !== 'running' || text() !== '';
      };
      await until(isWritten, { what: `${podUid} to say that it started`, deadlineMs: 20_000 }).catch(
        () => {},
      );
      // What was about to start is started by whoever comes next, once.
      const wanted = run?.state.phase === 'running' ? ['started\n'] : ['started\n', ''];
      const said = text();
      if (!wanted.includes(said) || run?.state.phase === 'failed') t.log(said, run, tracesOf(directory));
      t.true(wanted.includes(said), podUid);
      t.not(run?.state.phase, 'failed', podUid);
      await next.removeSandbox(podUid);
    }
    t.deepEqual(await next.list(), []);
    t.deepEqual(
      readdirSync(pods).filter((name) => !name.startsWith('.')),
      [],
    );
  },
);

withEveryLauncher(test, 'after a start of the machine nothing of before is there', async (t, launcher) => {
  const { driver, dataDirectory, another } = await openLinuxDriver(t, launcher);
  await driver.createSandbox(sandboxSpec('pod'));
  await driver.startContainer(scriptContainer('pod', 'sleep 1000'));
  await driver.close();
  process.kill(agentPid(dataDirectory), 'SIGKILL');
  const record = join(dataDirectory, 'pods/pod/sandbox.json');
  writeFileSync(record, readFileSync(record, 'utf8').replace(/"bootId":"[^"]+"/, '"bootId":"another"'));
  const next = another();
  t.teardown(() => next.close());
  await next.open();
  t.deepEqual(await next.sandboxes(), []);
  t.deepEqual(await next.list(), []);
  t.false(existsSync(join(dataDirectory, 'pods/pod')));
});
