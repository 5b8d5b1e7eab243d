import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { freezesPods } from '../../testing/frozen-pods.ts';
import { withEveryLauncher } from '../../testing/linux-launchers.ts';
import { openLinuxDriver } from '../../testing/open-linux-driver.ts';
import { sandboxSpec, scriptContainer } from '../../testing/open-process-driver.ts';
import { readCgroupTree } from './cgroup/cgroup-tree.ts';
import { groupName } from './cgroup/pod-groups.ts';

const MEBI = 1024 * 1024;

withEveryLauncher(test, 'a pod that is held still does nothing until it is let go', async (t, launcher) =>
  freezesPods(t, await openLinuxDriver(t, launcher)),
);

withEveryLauncher(
  test,
  'pods of a node have its part of the range, and its limits above theirs',
  async (t, launcher) => {
    const { driver, dataDirectory, another } = await openLinuxDriver(t, launcher);
    const { podIP: any } = await driver.createSandbox(sandboxSpec('any'));
    const range = any.split('.').slice(0, 3).join('.');
    const node = {
      name: 'small',
      podCIDR: `${range}.128/26`,
      cpuLimitMillis: 500,
      memoryLimitBytes: 64 * MEBI,
    };
    const { podIP } = await driver.createSandbox({ ...sandboxSpec('pod'), node });
    const last = Number(podIP.split('.')[3]);
    t.true(last >= 130 && last <= 190, podIP);
    const spec = scriptContainer('pod', 'sleep 100');
    await driver.startContainer(spec);
    const tree = readCgroupTree();
    const root = tree.hierarchies.get(tree.version === 'v2' ? '' : 'memory') ?? '';
    const group = join(root, 'pintle', groupName(join(dataDirectory, 'pods')), '@small');
    const file = tree.version === 'v2' ? 'memory.max' : 'memory.limit_in_bytes';
    t.is(readFileSync(join(group, file), 'utf8').trim(), String(64 * MEBI));
    t.true(existsSync(join(group, 'pod', 'main.0')), 'the container is below its node');
    await driver.close();
    const next = another();
    t.teardown(() => next.close());
    await next.open();
    t.deepEqual((await next.sandboxes()).map(({ podUid, nodeName }) => [podUid, nodeName]).sort(), [
      ['any', undefined],
      ['pod', 'small'],
    ]);
    t.is((await next.stats()).length, 1);
    await next.removeSandbox('pod');
    t.false(existsSync(group), 'the group of a node goes with its last pod');
  },
);
