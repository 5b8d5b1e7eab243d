import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { withEveryLauncher } from '../../testing/linux-launchers.ts';
import { openLinuxDriver } from '../../testing/open-linux-driver.ts';
import { ended, logText, sandboxSpec, scriptContainer } from '../../testing/open-process-driver.ts';
import { containerSecurityOf } from '../container/container-security-of.ts';

const security = (localhostProfile: string) =>
  containerSecurityOf(
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [] } },
    { name: 'main', securityContext: { seccompProfile: { type: 'Localhost', localhostProfile } } },
  );

withEveryLauncher(
  test,
  "a profile of the machine's owner filters, and one that is not there is told by name",
  async (t, launcher) => {
    const { driver, dataDirectory } = await openLinuxDriver(t, launcher);
    const directory = join(dataDirectory, 'seccomp');
    mkdirSync(join(directory, 'team'), { recursive: true });
    const rule = { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 28 };
    const profile = JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] });
    writeFileSync(join(directory, 'team', 'no-mkdir.json'), profile);
    writeFileSync(join(dataDirectory, 'outside.json'), profile);
    symlinkSync('../outside.json', join(directory, 'link.json'));
    symlinkSync('team/no-mkdir.json', join(directory, 'same.json'));
    writeFileSync(join(directory, 'broken.json'), '{');
    await driver.createSandbox(sandboxSpec('pod'));
    for (const [attempt, path] of ['team/no-mkdir.json', 'same.json'].entries()) {
      const spec = scriptContainer('pod', 'mkdir /made && echo made', { attempt, security: security(path) });
      const { refused, limitations } = await driver.startContainer(spec);
      t.is(refused, undefined);
      await ended(driver, spec.id);
      const text = await logText(driver, spec.id);
      // Without an OCI runtime there is no filter, and the pod says so.
      if (launcher === 'util-linux') t.true(limitations.length > 0 && text === 'made\n');
      else t.regex(text, /No space left/);
    }
    for (const [at, path] of ['gone.json', 'link.json', 'broken.json', 'team', '../outside.json'].entries()) {
      const spec = scriptContainer('pod', 'true', { attempt: 10 + at, security: security(path) });
      const { refused } = await driver.startContainer(spec);
      t.is(refused?.reason, 'CreateContainerConfigError', path);
      t.true(refused?.message.includes(path), refused?.message);
    }
  },
);
