import test from 'ava';
import { withEveryLauncher } from '../../testing/linux-launchers.ts';
import { openLinuxDriver } from '../../testing/open-linux-driver.ts';
import { ended, logText, sandboxSpec, scriptContainer } from '../../testing/open-process-driver.ts';

withEveryLauncher(
  test,
  "programs of the image host are found where the machine's are, and Node is one of them",
  async (t, launcher) => {
    const { driver } = await openLinuxDriver(t, launcher);
    await driver.createSandbox(sandboxSpec('pod'));
    const spec = scriptContainer(
      'pod',
      'echo "${PATH%:*}"; command -v ls; command -v node >/dev/null && node -p "process.version.length > 1"',
      { env: [] },
    );
    await driver.startContainer(spec);
    await ended(driver, spec.id);
    const lines = (await logText(driver, spec.id)).trim().split('\n');
    t.is(lines[0], '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin');
    t.regex(lines[1] ?? '', /^(\/usr)?\/bin\/ls$/);
    t.is(lines[2], 'true');
  },
);

withEveryLauncher(
  test,
  'what a pod may not set of the kernel is refused, and what the kernel refuses is told with its name',
  async (t, launcher) => {
    const { driver } = await openLinuxDriver(t, launcher);
    const asks = (podUid: string, name: string, value: string) =>
      driver.createSandbox({ ...sandboxSpec(podUid), sysctls: [{ name, value }] });
    const thrown = await t.throwsAsync(asks('unsafe', 'kernel.msgmax', '65536'));
    t.like(thrown, { code: 'SYSCTL_FORBIDDEN' });
    await asks('safe', 'net.ipv4.tcp_fin_timeout', '17');
    const reads = scriptContainer('safe', 'cat /proc/sys/net/ipv4/tcp_fin_timeout');
    await driver.startContainer(reads);
    await ended(driver, reads.id);
    t.is(await logText(driver, reads.id), '17\n');
    await asks('wrong', 'net.ipv4.tcp_fin_timeout', 'soon');
    const { failed } = await driver.startContainer(scriptContainer('wrong', 'true'));
    t.regex(failed ?? '', /tcp_fin_timeout/);
  },
);
