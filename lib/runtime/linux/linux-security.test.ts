import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { withEveryLauncher } from '../../testing/linux-launchers.ts';
import { openLinuxDriver } from '../../testing/open-linux-driver.ts';
import { ended, logText, sandboxSpec, scriptContainer } from '../../testing/open-process-driver.ts';

/** What root in a container tries; each prints `refused` where it must not work, and nothing else of the kind. */
const attempts: Readonly<Record<string, string>> = {
  'mount a file system': 'mount -t tmpfs none /mnt',
  "mount the machine's disk": 'mknod /tmp/disk b 254 0 && head -c 1 /tmp/disk',
  'make a namespace': 'unshare --mount --user true',
  'enter another namespace':
    'nsenter --mount=/proc/1/ns/mnt --target 1 --net true && nsenter --target 1 --mount mount -t tmpfs none /mnt',
  "write to the kernel's settings": 'sh -c "echo 1 >/proc/sys/kernel/panic"',
  'restart the machine': 'sh -c "echo h >/proc/sysrq-trigger"',
  "read the kernel's memory": 'test "$(head -c 1 /proc/kcore | wc -c)" = 1',
  'load a module':
    "perl -e 'exit(syscall(313, 0, 0, 0) == 0 ? 0 : $!{EPERM} || $!{ENOSYS} || $!{ENOEXEC} ? 1 : 0)'",
  'trace a process of the machine': "perl -e 'exit(syscall(101, 16, ${process.pid}, 0, 0) == 0 ? 0 : 1)'",
  'take a limit away':
    'test -e /sys/fs/cgroup/memory.max && echo max >/sys/fs/cgroup/memory.max || echo -1 >/sys/fs/cgroup/memory/memory.limit_in_bytes',
  'have itself run by the machine':
    'sh -c "echo 1 >/sys/fs/cgroup/memory/notify_on_release || echo 1 >/sys/fs/cgroup/systemd/notify_on_release"',
  "set the machine's clock": 'date -s 2001-01-01',
  'write to the programs of the machine': 'touch /usr/bin/new',
  'see the machine through a second root':
    'perl -e \'mkdir "/tmp/r"; chroot("/tmp/r") or exit 1; chdir("..") for 1..64; chroot("."); exit(-e "MACHINE" ? 0 : 1)\'',
  'see files of the machine': 'ls MACHINE',
  'see a process of the machine': 'grep -aq MACHINE /proc/[0-9]*/cmdline',
  "read another pod's secret":
    'grep -rqs "not yours" / --include=key --exclude-dir=proc --exclude-dir=sys --exclude-dir=usr',
};

withEveryLauncher(test, 'root in a container gets nowhere else', async (t, launcher) => {
  const { driver, dataDirectory } = await openLinuxDriver(t, launcher);
  const machine = join(dataDirectory, 'marker-of-the-machine');
  writeFileSync(machine, '');
  await driver.createSandbox(sandboxSpec('other'));
  const bytes = Buffer.from('not yours');
  await driver.writeVolume('other', 'secret', {
    kind: 'files',
    secret: true,
    files: [{ path: 'key', bytes, mode: 0o644 }],
  });
  const mounts = [{ volume: 'secret', mountPath: '/secret', readOnly: true }];
  await driver.startContainer(scriptContainer('other', 'sleep 1000', { mounts }));
  await driver.createSandbox(sandboxSpec('pod'));
  const own = scriptContainer('pod', 'sleep 1000', { memoryLimitBytes: 256 * 1024 * 1024 });
  await driver.startContainer(own);
  // Nobody filters system calls there, and says so: it gets to be root of a namespace with nothing in it.
  const tried = Object.entries(attempts).filter(
    ([what]) => launcher !== 'util-linux' || what !== 'make a namespace',
  );
  const script = tried
    .map(([what, attempt]) => {
      // It must not find the word in its own command line.
      const command = attempt.replaceAll('MACHINE', what.includes('process') ? '[k]eeper.sh' : machine);
      return `if (${command}) >/dev/null 2>&1; then echo ${JSON.stringify(`succeeded: ${what}`)}; else echo refused; fi`;
    })
    .join('\n');
  const all = `${'refused\n'.repeat(tried.length)}`;
  const first = scriptContainer('pod', script, { container: 'first' });
  await driver.startContainer(first);
  await ended(driver, first.id);
  t.is(await logText(driver, first.id), all);
  // A command that is brought into a container has no more than its own programs have.
  const said = await driver.exec(own.id, {
    command: ['sh', '-c', script],
    timeoutMs: 60_000,
    outputBytesMax: 10_000,
  });
  t.is(said.output, all);
});

withEveryLauncher(test, 'who is not root stays so', async (t, launcher) => {
  const { driver } = await openLinuxDriver(t, launcher);
  await driver.createSandbox(sandboxSpec('pod'));
  const script =
    'cp /bin/sh /tmp/sh; chmod u+s /tmp/sh; su -c id 2>&1 | head -c 0; id -u; grep -E "CapEff|NoNewPrivs" /proc/self/status';
  const spec = scriptContainer('pod', script, {
    security: {
      ...{ runAsUser: 1234, runAsGroup: 1234, runAsNonRoot: true, privileged: false, procMount: 'Default' },
      ...{ supplementalGroups: [4321], supplementalGroupsPolicy: 'Merge', readOnlyRootFilesystem: false },
      ...{ allowPrivilegeEscalation: false, capabilities: { add: [], drop: ['ALL'] } },
      seccompProfile: { type: 'RuntimeDefault' },
    },
  });
  await driver.startContainer(spec);
  await ended(driver, spec.id);
  t.is(await logText(driver, spec.id), '1234\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\n');
});

withEveryLauncher(
  test,
  'a thousand children are as many as a pod may have, and end with it',
  async (t, launcher) => {
    const { driver } = await openLinuxDriver(t, launcher);
    await driver.createSandbox(sandboxSpec('pod'));
    const spec = scriptContainer(
      'pod',
      'i=0; while [ $i -lt 1000 ]; do setsid sleep 1000 & i=$((i + 1)); done; echo all; exit 4',
    );
    await driver.startContainer(spec);
    t.like(await ended(driver, spec.id), { phase: 'exited', exitCode: 4 });
    t.is(await logText(driver, spec.id), 'all\n');
  },
);
