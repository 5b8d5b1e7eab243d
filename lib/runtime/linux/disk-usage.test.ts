import test from 'ava';
import { withEveryLauncher } from '../../testing/linux-launchers.ts';
import { openLinuxDriver } from '../../testing/open-linux-driver.ts';
import { ended, sandboxSpec, scriptContainer } from '../../testing/open-process-driver.ts';

const MEBI = 1024 * 1024;

withEveryLauncher(
  test,
  'what a pod has on the disk is counted by volume and container, and nobody leads the count elsewhere',
  async (t, launcher) => {
    const { driver } = await openLinuxDriver(t, launcher);
    if (driver.diskUsage === undefined) return t.fail('it counts');
    await driver.createSandbox(sandboxSpec('pod'));
    await driver.writeVolume('pod', 'cache', { kind: 'empty', memory: false, sizeLimitBytes: MEBI });
    const mounts = [{ volume: 'cache', mountPath: '/cache', readOnly: false }];
    const first = scriptContainer('pod', 'head -c 4M /dev/zero >/kept; exit 1', { mounts });
    await driver.startContainer(first);
    await ended(driver, first.id);
    const second = scriptContainer(
      'pod',
      'head -c 2M /dev/zero >/own; head -c 1M /dev/zero >&1; head -c 3M /dev/zero >/cache/file; ln /cache/file /cache/same; ln -s /usr /cache/usr',
      { attempt: 1, mounts },
    );
    await driver.startContainer(second);
    await ended(driver, second.id);
    const { volumes, containers, otherBytes } = await driver.diskUsage('pod', ['cache']);
    const about = (bytes: number | undefined, mebis: number): void => {
      t.true(bytes !== undefined && bytes >= mebis * MEBI && bytes < (mebis + 0.5) * MEBI, `${bytes}`);
    };
    about(volumes.get('cache'), 3);
    about(containers.get('main'), 3);
    about(otherBytes, 4);
    t.deepEqual((await driver.diskUsage('gone', ['cache'])).containers, new Map());
  },
);
