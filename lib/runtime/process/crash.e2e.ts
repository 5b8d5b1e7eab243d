import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { seededRandom } from '../../base/random.ts';
import {
  agentPid,
  ended,
  logText,
  openProcessDriver,
  recordOf,
  sandboxSpec,
  scriptContainer,
} from '../../testing/open-process-driver.ts';
import { until } from '../../testing/until.ts';
import type { ContainerSpec, PodDriver } from '../driver.ts';

/** Processes that have the marker of a pod, whoever started them. */
function processesOf(podUid: string): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`.${podUid}.`);
      } catch {
        return false;
      }
    });
}

function keeperPid(dataDirectory: string, spec: ContainerSpec): number {
  const directory = join(
    dataDirectory,
    'pods',
    spec.podUid,
    'containers',
    `${spec.container}.${spec.attempt}`,
  );
  return Number(readFileSync(join(directory, 'lock'), 'latin1').split(' ')[0]);
}

const pod = (t: ExecutionContext): string =>
  `crash-${process.pid}-${t.title.replaceAll(/[^a-z0-9]+/gi, '-').slice(0, 40)}`;

const killAgent = (dataDirectory: string): void => {
  try {
    process.kill(agentPid(dataDirectory), 'SIGKILL');
  } catch {
    // It is just being started.
  }
};

test.serial(
  'kill -9 of the agent at any moment: nothing starts twice, nothing is lost, every exit code is right',
  async (t) => {
    const { driver, dataDirectory } = await openProcessDriver(t);
    const podUid = pod(t);
    const random = seededRandom(7);
    await driver.createSandbox(sandboxSpec(podUid));
    const specs = Array.from({ length: 150 }, (_, at) =>
      scriptContainer(podUid, `echo started; sleep 0.${1 + (at % 9)}; echo ending >&2; exit ${at % 11}`, {
        container: `c${at}`,
      }),
    );
    let done = false;
    const killing = (async () => {
      while (!done) {
        await new Promise((resolve) => setTimeout(resolve, 300 + random.next() * 700));
        if (!done) killAgent(dataDirectory);
      }
    })();
    const start = async (spec: ContainerSpec): Promise<void> => {
      // As the daemon does: the same call again until it goes through.
      await until(
        async () => {
          try {
            await driver.startContainer(spec);
            return true;
          } catch {
            return false;
          }
        },
        { what: `${spec.id} starts`, deadlineMs: 60_000 },
      );
    };
    await Promise.all(specs.map(start));
    done = true;
    await killing;
    for (const [at, spec] of specs.entries()) {
      const state = await until(async () => (await recordsOf(driver, spec.id)) === 'exited', {
        what: `${spec.id} has ended`,
      }).then(() => recordOf(driver, spec.id));
      t.like(state?.state, { phase: 'exited', exitCode: at % 11 }, spec.id);
      t.deepEqual((await logText(driver, spec.id)).split('\n').sort(), ['', 'ending', 'started'], spec.id);
    }
    await driver.removeSandbox(podUid);
    t.deepEqual(processesOf(podUid), []);
  },
);

async function recordsOf(driver: PodDriver, id: string): Promise<string | undefined> {
  try {
    return (await recordOf(driver, id))?.state.phase;
  } catch {
    return undefined;
  }
}

test.serial(
  'kill -9 of the keeper: the container goes on; its end is seen, its exit code is not',
  async (t) => {
    const { driver, dataDirectory } = await openProcessDriver(t);
    const podUid = pod(t);
    await driver.createSandbox(sandboxSpec(podUid));
    const spec = scriptContainer(podUid, 'while read -r line; do echo "$line"; done', { stdin: true });
    await driver.startContainer(spec);
    const before = await recordOf(driver, spec.id);
    process.kill(keeperPid(dataDirectory, spec), 'SIGKILL');
    killAgent(dataDirectory);
    await until(async () => (await recordsOf(driver, spec.id)) === 'running', { what: 'it is adopted' });
    t.deepEqual(await recordOf(driver, spec.id), before);
    await driver.signal(spec.id, 'SIGTERM');
    t.like(await ended(driver, spec.id), { phase: 'exited', exitCode: null, signal: null });
  },
);

test.serial(
  'kill -9 of the keeper before the container said who it is: it is ended, not forgotten',
  async (t) => {
    const { driver, dataDirectory } = await openProcessDriver(t);
    const podUid = pod(t);
    await driver.createSandbox(sandboxSpec(podUid));
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const spec = scriptContainer(podUid, 'sleep 1000', { attempt });
      const starting = driver.startContainer(spec).catch(() => {});
      await until(
        () => {
          try {
            const pid = keeperPid(dataDirectory, spec);
            // Not written yet.
            return pid > 1 && process.kill(pid, 'SIGKILL');
          } catch {
            return false;
          }
        },
        { what: 'a keeper to kill' },
      );
      await starting;
      await driver.removeContainer(spec.id);
    }
    t.deepEqual(await driver.list(), []);
    await until(() => processesOf(podUid).length === 0, { what: 'nothing is left' });
  },
);

test.serial('kill -9 of agent and daemon at once: the next daemon finds all of it running', async (t) => {
  const { driver, dataDirectory, another } = await openProcessDriver(t);
  const podUid = pod(t);
  await driver.createSandbox(sandboxSpec(podUid));
  await driver.close();
  const daemon = startDaemon(t, dataDirectory, podUid);
  let seen = '';
  daemon.stdout?.on('data', (chunk) => {
    seen += String(chunk);
  });
  await until(() => seen.split('\n').length > 10, { what: 'it has started some' });
  daemon.kill('SIGKILL');
  killAgent(dataDirectory);
  const next = another();
  await next.open();
  t.teardown(() => next.close());
  const records = await next.list();
  t.true(records.length >= 10);
  t.true(records.every(({ state }) => state.phase === 'running'));
  for (const { id } of records) t.is(await logText(next, id), 'started\n');
  // What the dead daemon was about to start is started by the same call, once.
  for (let at = 0; at < 30; at += 1) {
    const spec = scriptContainer(podUid, 'echo started; sleep 1000', { container: `c${at}` });
    await next.startContainer(spec);
    await until(async () => (await logText(next, spec.id)) !== '', { what: `${spec.id} writes` });
    t.is(await logText(next, spec.id), 'started\n');
  }
  await next.removeSandbox(podUid);
  t.deepEqual(processesOf(podUid), []);
});

function startDaemon(t: ExecutionContext, dataDirectory: string, podUid: string): ChildProcess {
  const here = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
  const program = `
    const { processDriver } = await import(${here('./process-driver.ts')});
    const { scriptContainer } = await import(${here('../../testing/open-process-driver.ts')});
    const { systemClock } = await import(${here('../../base/clock.ts')});
    const { silentLog } = await import(${here('../../base/log.ts')});
    const settings = { assumeHostImages: false, podRange: '127.97.0.0/16' };
    const driver = processDriver({ dataDirectory: ${JSON.stringify(dataDirectory)}, clock: systemClock(), log: silentLog(), settings });
    await driver.open();
    for (let at = 0; at < 30; at += 1) {
      await driver.startContainer(scriptContainer(${JSON.stringify(podUid)}, 'echo started; sleep 1000', { container: 'c' + at }));
      console.log(at);
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(async () => void child.kill('SIGKILL'));
  return child;
}

test.serial(
  'logs are whole through rotations and kills of the agent, and a follower reads them on',
  async (t) => {
    const { driver, dataDirectory } = await openProcessDriver(t);
    const podUid = pod(t);
    await driver.createSandbox(sandboxSpec(podUid));
    const lines = 220_000;
    const code = `
    const { writeSync } = require('node:fs');
    const text = 'x'.repeat(100);
    for (let at = 0; at < ${lines}; at += 1) {
      writeSync(1, at + ' ' + text + '\\n');
      if (at % 20 === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0.1);
    }`;
    const spec = scriptContainer(podUid, '', { command: ['node', '-e', code] });
    await driver.startContainer(spec);
    const followed = logText(driver, spec.id, { follow: true });
    while ((await recordsOf(driver, spec.id)) !== 'exited') {
      await new Promise((resolve) => setTimeout(resolve, 700));
      killAgent(dataDirectory);
    }
    t.like(await ended(driver, spec.id), { exitCode: 0 });
    const whole = (text: string): boolean => {
      const numbers = text.split('\n').slice(0, -1);
      return (
        numbers.length === lines &&
        numbers.every((line, at) => line.startsWith(`${at} x`) && line.endsWith('x'))
      );
    };
    t.true(whole(await logText(driver, spec.id)), 'read afterwards');
    t.true(whole(await followed), 'followed');
    const files = readdirSync(join(dataDirectory, 'pods', podUid, 'containers', 'main.0'));
    t.true(files.includes('stdout.2.log'), 'it was rotated');
    const tail = await logText(driver, spec.id, { tailLines: 3 });
    t.deepEqual(
      tail.split('\n').map((line) => line.split(' ')[0]),
      [`${lines - 3}`, `${lines - 2}`, `${lines - 1}`, ''],
    );
  },
);

test.serial('starting and removing the same run at once leaves nothing behind', async (t) => {
  const { driver } = await openProcessDriver(t);
  const podUid = pod(t);
  const random = seededRandom(11);
  await driver.createSandbox(sandboxSpec(podUid));
  for (let round = 0; round < 30; round += 1) {
    const spec = scriptContainer(podUid, 'sleep 1000', { attempt: round });
    const pause = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, random.next() * 12));
    await Promise.allSettled([
      driver.startContainer(spec),
      pause().then(() => driver.removeContainer(spec.id)),
      pause().then(() => driver.signal(spec.id, 'SIGTERM')),
    ]);
    await driver.removeContainer(spec.id);
  }
  t.deepEqual(await driver.list(), []);
  await until(() => processesOf(podUid).length === 0, { what: 'nothing is left' });
});

test.serial('two hundred containers at once, all of them run, and all of them end', async (t) => {
  const { driver, dataDirectory } = await openProcessDriver(t);
  const podUid = pod(t);
  await driver.createSandbox(sandboxSpec(podUid));
  const specs = Array.from({ length: 200 }, (_, at) =>
    scriptContainer(podUid, 'sleep 1000', { container: `c${at}` }),
  );
  const startedMs = performance.now();
  await Promise.all(specs.map((spec) => driver.startContainer(spec)));
  const tookMs = performance.now() - startedMs;
  t.is((await driver.list()).filter(({ state }) => state.phase === 'running').length, 200);
  const status = readFileSync(`/proc/${agentPid(dataDirectory)}/status`, 'latin1');
  t.log(`200 containers in ${Math.round(tookMs)} ms; agent ${/VmRSS:\s+(.*)/.exec(status)?.[1]}`);
  await driver.removeSandbox(podUid);
  t.deepEqual(processesOf(podUid), []);
});
