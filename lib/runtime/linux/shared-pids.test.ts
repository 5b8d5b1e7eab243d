import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { readProcessStat } from '../../base/companion/process-identity.ts';
import { withEveryLauncher } from '../../testing/linux-launchers.ts';
import { openLinuxDriver } from '../../testing/open-linux-driver.ts';
import {
  agentPid,
  ended,
  logText,
  recordOf,
  sandboxSpec,
  scriptContainer,
} from '../../testing/open-process-driver.ts';
import { until } from '../../testing/until.ts';
import type { PodDriver } from '../driver.ts';
import { livingHolder } from './pid-holder.ts';

const shared = (podUid: string) => ({ ...sandboxSpec(podUid), shareProcessNamespace: true });
const said = async (driver: PodDriver, id: string, ...command: readonly string[]): Promise<string> =>
  (await driver.exec(id, { command, timeoutMs: 20_000, outputBytesMax: 20_000 })).output;

/** Who is in a pid namespace, by the machine's own numbers. */
function membersOf(namespace: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      if (!/^\d+$/.test(pid) || readlinkSync(`/proc/${pid}/ns/pid`) !== namespace) return false;
      return readProcessStat(Number(pid))?.state !== 'Z';
    } catch {
      return false;
    }
  });
}

withEveryLauncher(
  test,
  'containers that share their processes see and signal one another, and nobody else',
  async (t, launcher) => {
    const { driver, dataDirectory } = await openLinuxDriver(t, launcher);
    await driver.createSandbox(shared('pod'));
    const first = scriptContainer('pod', 'exec sleep 1234', { container: 'first' });
    const second = scriptContainer('pod', 'exec sleep 5678', {
      container: 'second',
      user: 1234,
      group: 1234,
    });
    await driver.startContainer(first);
    await driver.startContainer(second);
    const seen = await said(driver, first.id, 'sh', '-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "');
    t.true(seen.includes('sleep 1234') && seen.includes('sleep 5678'), seen);
    t.false(seen.includes('node') || seen.includes(dataDirectory), seen);
    const own = await said(
      driver,
      first.id,
      'sh',
      '-c',
      'for p in /proc/[0-9]*; do grep -H ^NSpid: $p/status; done',
    );
    t.regex(own, /\/proc\/1\/status/);
    // What holds the namespace cannot be ended from within, and has nothing of the machine.
    t.is(await said(driver, first.id, 'sh', '-c', 'kill -9 1; echo "$?"'), '0\n');
    const pod = livingHolder(join(dataDirectory, 'pods'), 'pod') ?? 0;
    t.deepEqual(readdirSync(`/proc/${pod}/root/usr`), []);
    t.false(existsSync(`/proc/${pod}/root/etc`));
    t.regex(readFileSync(`/proc/${pod}/status`, 'latin1'), /^CapBnd:\s*0+$/m);
    // A second container's program by its number in the shared namespace.
    await said(driver, first.id, 'pkill', '-f', '^sleep 5678');
    t.like(await ended(driver, second.id), { phase: 'exited', exitCode: 143 });
    t.is((await recordOf(driver, first.id))?.state.phase, 'running');
  },
);

withEveryLauncher(
  test,
  'a shared process namespace is adopted, its orphans are reaped, and nothing of it outlives the sandbox',
  async (t, launcher) => {
    const { driver, dataDirectory, another } = await openLinuxDriver(t, launcher);
    await driver.createSandbox(shared('pod'));
    const first = scriptContainer('pod', '(sleep 0.1 & exec sleep 0) ; exec sleep 1000');
    await driver.startContainer(first);
    const before = await recordOf(driver, first.id);
    const holder = livingHolder(join(dataDirectory, 'pods'), 'pod');
    t.not(holder, null);
    const namespace = readlinkSync(`/proc/${holder}/ns/pid`);
    await driver.close();
    process.kill(agentPid(dataDirectory), 'SIGKILL');
    const next = another();
    t.teardown(() => next.close());
    await next.open();
    t.deepEqual((await recordOf(next, first.id))?.state, before?.state);
    t.is(livingHolder(join(dataDirectory, 'pods'), 'pod'), holder);
    const second = scriptContainer('pod', 'setsid sleep 2000 & exit 3', { container: 'second' });
    await next.startContainer(second);
    t.like(await ended(next, second.id), { phase: 'exited', exitCode: 3 });
    await until(
      async () =>
        !/sleep 2000|State:\s*Z/.test(
          await said(
            next,
            first.id,
            'sh',
            '-c',
            'cat /proc/[0-9]*/cmdline /proc/[0-9]*/status | tr "\\0" " "',
          ),
        ),
      { what: 'what the ended container left is gone, and nothing waits to be reaped' },
    );
    await next.removeSandbox('pod');
    t.deepEqual(membersOf(namespace), []);
  },
);

withEveryLauncher(
  test,
  'where what holds a shared process namespace is killed, the containers end and start again in a new one',
  async (t, launcher) => {
    const { driver, dataDirectory } = await openLinuxDriver(t, launcher);
    await driver.createSandbox(shared('pod'));
    const first = scriptContainer('pod', 'exec sleep 1000');
    await driver.startContainer(first);
    process.kill(livingHolder(join(dataDirectory, 'pods'), 'pod') ?? 0, 'SIGKILL');
    t.like(await ended(driver, first.id), { phase: 'exited', exitCode: 137 });
    const again = scriptContainer('pod', 'echo again', { attempt: 1 });
    await driver.startContainer(again);
    await ended(driver, again.id);
    t.is(await logText(driver, again.id), 'again\n');
  },
);

withEveryLauncher(
  test,
  'an ephemeral container sees the processes of its target, and ends with it',
  async (t, launcher) => {
    const { driver } = await openLinuxDriver(t, launcher);
    await driver.createSandbox(sandboxSpec('pod'));
    const web = scriptContainer('pod', 'exec sleep 1234', { container: 'web' });
    const other = scriptContainer('pod', 'exec sleep 5678', { container: 'other' });
    await driver.startContainer(web);
    await driver.startContainer(other);
    const looks = scriptContainer(
      'pod',
      'cat /proc/1/cmdline | tr "\\0" " "; cat /proc/[0-9]*/cmdline | tr "\\0" " " | grep -c "[5]678"; exec sleep 1000',
      {
        ...{ container: 'looks', targetContainer: 'web' },
      },
    );
    t.deepEqual((await driver.startContainer(looks)).refused, undefined);
    await until(async () => (await logText(driver, looks.id)).includes('\n'), { what: 'it has looked' });
    t.is(await logText(driver, looks.id), 'sleep 1234 0\n');
    t.regex(await said(driver, looks.id, 'cat', '/proc/1/cmdline'), /^sleep\0/);
    await driver.signal(web.id, 'SIGKILL');
    t.like(await ended(driver, looks.id), { phase: 'exited', exitCode: 137 });
    const gone = scriptContainer('pod', 'true', { container: 'late', targetContainer: 'web' });
    const none = scriptContainer('pod', 'true', { container: 'lost', targetContainer: 'nobody' });
    for (const spec of [gone, none])
      t.is((await driver.startContainer(spec)).refused?.reason, 'CreateContainerConfigError');
  },
);
