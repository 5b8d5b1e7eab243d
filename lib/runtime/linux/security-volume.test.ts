import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { WorldError } from '../../base/errors.ts';
import { EXCHANGE } from '../../testing/exchange-names.ts';
import { withEveryLauncher } from '../../testing/linux-launchers.ts';
import { openLinuxDriver } from '../../testing/open-linux-driver.ts';
import { ended, logText, recordOf, sandboxSpec, scriptContainer } from '../../testing/open-process-driver.ts';
import { until } from '../../testing/until.ts';
import type { ContainerSecurity } from '../container-security.ts';
import type { ContainerSpec, PodDriver } from '../driver.ts';

const data = (more: Partial<ContainerSpec['mounts'][number]> = {}): ContainerSpec['mounts'][number] => ({
  ...{ volume: 'data', mountPath: '/data', readOnly: false },
  ...more,
});
const other = (mountPath: string): ContainerSpec['mounts'][number] => ({
  ...{ volume: 'other', mountPath, readOnly: false },
});
/** What is mounted while the volume changes, most of it at places that are not there yet. */
const mountedAt = (attempt: number): readonly ContainerSpec['mounts'][] => [
  [data(), other(`/data/inner/new${attempt}`)],
  [data(), { volume: 'config', mountPath: `/data/inner/file${attempt}`, subPath: 'file', readOnly: true }],
  [data({ subPath: 'inner', mountPath: '/sub' })],
  [data(), other(`/data/inner/deep/new${attempt}/er`)],
  [data({ subPath: 'inner/deep', mountPath: '/sub' })],
  [data(), other('/data/inner')],
];
const ATTEMPTS = 18;

withEveryLauncher(test, 'a volume that changes while it is mounted leads nowhere', async (t, launcher) => {
  const { driver, dataDirectory } = await openLinuxDriver(t, launcher);
  const outside = join(dataDirectory, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'precious'), '');
  await driver.createSandbox(sandboxSpec('pod'));
  for (const name of ['data', 'other'])
    await driver.writeVolume('pod', name, { kind: 'empty', memory: false, sizeLimitBytes: null });
  const files = [{ path: 'file', bytes: Buffer.from('mounted'), mode: 0o644 }];
  await driver.writeVolume('pod', 'config', { kind: 'files', secret: false, files });
  const swaps = scriptContainer('pod', '', {
    ...{ command: ['perl', '-e', EXCHANGE, '/data', outside], container: 'swaps', mounts: [data()] },
  });
  await driver.startContainer(swaps);
  await until(async () => (await logText(driver, swaps.id)).includes('swaps'), { what: 'it swaps' });
  let began = 0;
  // Of what it starts some is refused: what counts is that nothing of the machine is seen, or made there.
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const script =
      'echo began; ls -d /sub/precious /data/inner/precious /data/inner/*/precious 2>/dev/null; touch /sub/made /data/inner/new*/made';
    const kinds = mountedAt(attempt);
    const mounts = kinds[attempt % kinds.length] ?? [];
    const spec = scriptContainer('pod', script, { container: 'sees', attempt, mounts });
    if (await starts(driver, spec)) {
      await ended(driver, spec.id);
      const text = await logText(driver, spec.id);
      t.notRegex(text, /^\/.*precious$/m, JSON.stringify(mounts));
      if (text.includes('began')) began += 1;
    }
    t.deepEqual(readdirSync(outside), ['precious'], JSON.stringify(mounts));
  }
  t.deepEqual(
    await recordOf(driver, swaps.id).then((record) => record?.state.phase),
    'running',
    await logText(driver, swaps.id),
  );
  t.true(began > 0, 'none began');
});

/** Whether it was started: what changes while it is looked at may fail the start, which is tried again. */
async function starts(driver: PodDriver, spec: ContainerSpec): Promise<boolean> {
  try {
    return (await driver.startContainer(spec)).refused === undefined;
  } catch (thrown) {
    if (thrown instanceof WorldError && thrown.code === 'DRIVER_FAILED') return false;
    throw thrown;
  }
}

withEveryLauncher(
  test,
  'what is mounted in a volume is what it was asked to be, and is seen by others as it was',
  async (t, launcher) => {
    const { driver } = await openLinuxDriver(t, launcher);
    await driver.createSandbox(sandboxSpec('pod'));
    for (const name of ['data', 'other'])
      await driver.writeVolume('pod', name, {
        kind: 'empty',
        memory: name === 'other',
        sizeLimitBytes: null,
      });
    const files = [{ path: 'file', bytes: Buffer.from('mounted'), mode: 0o644 }];
    await driver.writeVolume('pod', 'config', { kind: 'files', secret: false, files });
    const config = { volume: 'config', readOnly: true };
    const script = `
      cat /data/it/config/file /data/file /dev/shm/config/file; echo
      for path in /data /data/other /data/kept /data/kept/in /data/it/config /data/file /dev/shm /dev/shm/config; do
        case $path in */file) at=$path ;; *) at=$path/made ;; esac
        if (: >>$at) 2>/dev/null; then echo "$path written"; else echo "$path refused"; fi
      done
      grep -c ' /dev/shm rw,nosuid,nodev,noexec' /proc/self/mountinfo
      ls /data/other`;
    const mounts = [
      data(),
      other('/data/other'),
      { ...other('/data/kept'), readOnly: true },
      { ...config, mountPath: '/data/it/config' },
      { ...config, mountPath: '/data/file', subPath: 'file' },
      { ...config, mountPath: '/dev/shm/config' },
    ];
    const spec = scriptContainer('pod', script, { mounts });
    await driver.startContainer(spec);
    await ended(driver, spec.id);
    t.deepEqual((await logText(driver, spec.id)).trim().split('\n'), [
      ...['mountedmountedmounted', '/data written', '/data/other written', '/data/kept refused'],
      ...['/data/kept/in refused', '/data/it/config refused', '/data/file refused'],
      ...['/dev/shm written', '/dev/shm/config refused', '1', 'made'],
    ]);
    const after = scriptContainer('pod', 'find /data /dev/shm | sort', { attempt: 1, mounts: [data()] });
    await driver.startContainer(after);
    await ended(driver, after.id);
    t.deepEqual((await logText(driver, after.id)).trim().split('\n'), [
      ...['/data', '/data/file', '/data/it', '/data/it/config', '/data/kept', '/data/made', '/data/other'],
      ...['/dev/shm', '/dev/shm/config', '/dev/shm/made'],
    ]);
  },
);

const privileged: ContainerSecurity = {
  ...{ runAsUser: null, runAsGroup: null, runAsNonRoot: false, privileged: true, procMount: 'Default' },
  ...{ supplementalGroups: [], supplementalGroupsPolicy: 'Merge', readOnlyRootFilesystem: false },
  ...{ allowPrivilegeEscalation: true, capabilities: { add: [], drop: [] } },
  seccompProfile: { type: 'Unconfined' },
};

withEveryLauncher(
  test,
  'neither devices nor sockets nor keys of the machine are to be had',
  async (t, launcher) => {
    const { driver, dataDirectory } = await openLinuxDriver(t, launcher);
    const { dev } = statSync(dataDirectory);
    const disk = `${(dev >> 8) & 0xfff} ${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`;
    await driver.createSandbox(sandboxSpec('pod'));
    const attempts: Readonly<Record<string, string>> = {
      disk: `mknod /tmp/disk b ${disk} && head -c 1 /tmp/disk`,
      'messages of the kernel':
        'mknod /tmp/kmsg c 1 11 && perl -e \'open(my $f, "+<", "/tmp/kmsg") or exit 1\'',
      'ports of the machine': 'mknod /tmp/port c 1 4 && head -c 1 /tmp/port',
      'sockets by their names': 'test "$(grep -c . /proc/net/unix)" -gt 1',
      'a key ring': 'test "$(wc -l </proc/keys)" -gt 0',
      'programs of the kernel':
        'perl -e \'my $a = "\\0" x 128; exit(syscall(321, 5, $a, 128) >= 0 ? 0 : $!{EPERM} || $!{ENOSYS} ? 1 : 0)\'',
      'a file by its handle':
        'perl -e \'my $h = pack("I i", 8, 1) . pack("I I", 2, 0); open(my $r, "<", "/"); exit(syscall(304, fileno($r), $h, 0) >= 0 ? 0 : $!{ESTALE} ? 0 : 1)\'',
      'who has it run when a group is empty':
        'find /sys/fs/cgroup -name release_agent -writable 2>/dev/null | while read -r f; do : >"$f" && echo yes; done | grep -q yes',
    };
    const script = Object.entries(attempts)
      .map(([what, attempt]) => `if (${attempt}) >/dev/null 2>&1; then echo ${JSON.stringify(what)}; fi`)
      .join('\n');
    const run = async (container: string, more: Partial<ContainerSpec>): Promise<string> => {
      const spec = scriptContainer('pod', script, { container, ...more });
      await driver.startContainer(spec);
      await ended(driver, spec.id);
      return logText(driver, spec.id);
    };
    t.is(await run('main', {}), '');
    // Who may, can: some of them at least, so that it is not for want of devices and calls.
    t.regex(await run('open', { security: privileged }), /^messages of the kernel\na key ring\n/m);
  },
);
