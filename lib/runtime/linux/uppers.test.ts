import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../base/clock.ts';
import { withEveryLauncher } from '../../testing/linux-launchers.ts';
import { leftOf, linuxDriverOn } from '../../testing/open-linux-driver.ts';
import { ended, logText, sandboxSpec, scriptContainer } from '../../testing/open-process-driver.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import type { PodDriver } from '../driver.ts';
import { tryUpper, upperInMemory } from './uppers.ts';

/** A data directory on an overlay, as in a container of another engine. */
async function onOverlay(t: ExecutionContext, of: (dataDirectory: string) => PodDriver) {
  const base = realpathSync(await temporaryDirectory(t));
  for (const name of ['lower', 'upper', 'work', 'top']) mkdirSync(join(base, name));
  const options = ['lower', 'upper', 'work'].map((name) => `${name}dir=${join(base, name)}`).join(',');
  execFileSync('mount', ['-t', 'overlay', '-o', options, 'overlay', join(base, 'top')]);
  const dataDirectory = join(base, 'top', 'data');
  mkdirSync(dataDirectory, { mode: 0o700 });
  const driver = of(dataDirectory);
  t.teardown(async () => {
    await driver.close();
    const last = of(dataDirectory);
    await last.open();
    for (const { podUid } of await last.sandboxes()) await last.removeSandbox(podUid);
    await last.shutDown();
    const left = leftOf({ netns: [] }, dataDirectory);
    execFileSync('umount', ['--lazy', join(base, 'top')]);
    if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
  });
  await driver.open();
  return { driver, dataDirectory };
}

withEveryLauncher(
  test,
  'where the disk cannot hold what containers write, memory does, and it goes with them',
  async (t, launcher) => {
    const { driver, dataDirectory } = await onOverlay(t, (path) => linuxDriverOn(path, launcher));
    const root = join(dataDirectory, 'pods');
    const tried = await tryUpper({ root, clock: systemClock() });
    t.is(tried.in, 'memory');
    await driver.createSandbox(sandboxSpec('pod'));
    const spec = scriptContainer(
      'pod',
      'head -c 1M /dev/zero >/kept; rm /etc/os-release; stat -c %s /kept; ls -d /usr',
    );
    await driver.startContainer(spec);
    await ended(driver, spec.id);
    t.regex(await logText(driver, spec.id), /1048576\n\/usr\n/);
    t.true(((await driver.diskUsage?.('pod', []))?.containers.get('main') ?? 0) >= 1024 * 1024);
    t.true(existsSync(upperInMemory(root, 'pod', 'main.0')));
    await driver.removeContainer(spec.id);
    t.false(existsSync(upperInMemory(root, 'pod', 'main.0')));
    // A daemon that starts anew finds what is there.
    const stays = scriptContainer('pod', 'echo 1 >/kept; exec sleep 1000', { attempt: 1 });
    await driver.startContainer(stays);
    await driver.close();
    await driver.open();
    const read = { command: ['cat', '/kept'], timeoutMs: 20_000, outputBytesMax: 100 };
    t.is((await driver.exec(stays.id, read)).output, '1\n');
  },
);
