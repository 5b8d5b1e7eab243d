import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { toolEnvironment } from '../../../base/run-program.ts';
import { planInputOf } from '../../../testing/launch-plan.ts';
import { readLaunchMachine } from '../read-launch-machine.ts';
import type { ContainerPlan } from './container-plan.ts';
import { planContainer } from './plan-container.ts';
import { fstabOf, utilLinuxLaunch } from './util-linux-launch.ts';

const planOf = (more: Parameters<typeof planInputOf>[0]): ContainerPlan => {
  const verdict = planContainer(planInputOf(more));
  if (!verdict.ok) throw new Error(verdict.refusal.message);
  return verdict.plan;
};

test('what exists is entered, what is its own is made, what is the machine’s is left', (t) => {
  const network = { of: 'path', path: '/run/netns/pod' } as const;
  const { nsenter, unshare } = utilLinuxLaunch(
    planOf({ sandbox: { network, pid: { of: 'machine' } } }),
    'main',
  );
  t.deepEqual(nsenter, ['--net=/run/netns/pod']);
  t.true(unshare.includes('--ipc') && unshare.includes('--mount'));
  t.false(unshare.includes('--net') || unshare.includes('--pid'));
});

test('a container that may not gain anything cannot; what its launcher needs besides is said', (t) => {
  const security = {
    ...{ runAsUser: 1000, allowPrivilegeEscalation: false, capabilities: { add: [], drop: ['ALL'] } },
  };
  const { setpriv, chroot, limitations } = utilLinuxLaunch(planOf({ security }), 'main');
  t.deepEqual(setpriv, [
    '--no-new-privs',
    '--bounding-set=-all,+sys_chroot,+setuid,+setgid',
    '--inh-caps=-all',
  ]);
  t.deepEqual(chroot, ['--userspec=+1000:+0', '--groups=+0']);
  t.regex(limitations.join('\n'), /not filtered.*CAP_SYS_CHROOT, CAP_SETUID, CAP_SETGID/s);
});

test('where no rule of devices can stand, nobody makes devices', (t) => {
  const made = utilLinuxLaunch(planOf({}), 'main');
  t.false(made.setpriv.join().includes('mknod'));
  t.true(made.limitations.some((text) => text.includes('CAP_MKNOD')));
  t.true(
    utilLinuxLaunch(planOf({ security: { privileged: true } }), 'main')
      .setpriv.join()
      .includes('+mknod'),
  );
});

test('fstab: what separates fields is written in octal, recursion as mount asks for it', (t) => {
  const mount = { destination: '/a b\t#c', type: 'bind', source: '/s\\x\n', options: ['rbind', 'ro', 'rro'] };
  t.is(fstabOf([mount], '/root/'), '/s\\134x\\012 /root/a\\040b\\011\\043c none rbind,ro=recursive 0 0\n');
});

test('of cgroups, version 1 shows none and version 2 its one tree', (t) => {
  const fstab = (cgroups: 'v1' | 'v2'): string =>
    utilLinuxLaunch(planOf({ machine: { cgroups } }), 'main').fstab;
  t.false(fstab('v1').includes('cgroup'));
  t.regex(fstab('v2'), /^cgroup2 \S+\/sys\/fs\/cgroup cgroup2 /m);
});

const BUSYBOX = '/bin/busybox';
const skip = process.getuid?.() !== 0 || !existsSync(BUSYBOX) || !existsSync('/usr/bin/setpriv');
const run = skip ? test.skip : test;
run('util-linux’s own programs take these arguments, and a container comes of them', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'pintle-util-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  chmodSync(directory, 0o755);
  const root = join(directory, 'root');
  for (const name of ['bin', 'dev', 'proc', 'sys', 'vol ume', 'etc'])
    mkdirSync(join(root, name), { recursive: true });
  cpSync(BUSYBOX, join(root, 'bin/busybox'));
  for (const tool of ['sh', 'grep', 'cat', 'touch', 'ls', 'wc'])
    symlinkSync('busybox', join(root, 'bin', tool));
  writeFileSync(join(root, 'log'), '');
  writeFileSync(join(directory, 'log'), '');
  mkdirSync(join(directory, 'volume'));
  const script = `
    grep -E '^(CapBnd|CapEff|NoNewPrivs|Uid|Groups)' /proc/self/status; grep 'open files' /proc/self/limits
    touch '/vol ume/x' && echo volume=written || echo volume=refused
    cat /proc/1/comm; ls /dev/pts/ptmx /dev/shm /dev/mqueue && echo dev=there
  `;
  const plan = planOf({
    ...{ rootPath: root, terminationLog: join(directory, 'log'), machine: readLaunchMachine() },
    spec: { command: ['/bin/sh', '-c', script], terminationMessagePath: '/log' },
    security: {
      runAsUser: 1000,
      runAsGroup: 2000,
      supplementalGroups: [3000],
      allowPrivilegeEscalation: false,
    },
    volumes: [
      { mount: { volume: 'v', mountPath: '/vol ume', readOnly: true }, source: join(directory, 'volume') },
    ],
  });
  const launch = utilLinuxLaunch(plan, 'main');
  writeFileSync(join(directory, 'fstab'), launch.fstab);
  const inside = `
    set -e; cd "$1"; shift
    mount --bind root root && mount --all --fstab fstab && cd root && mount --move . / && exec "$@"
  `;
  const words = [
    ...['unshare', ...launch.unshare, 'sh', '-c', inside, '-', directory],
    ...[
      'prlimit',
      ...launch.prlimit,
      'setpriv',
      ...launch.setpriv,
      'chroot',
      ...launch.chroot,
      '.',
      ...plan.argv,
    ],
  ];
  const { stdout, stderr } = spawnSync(words[0] ?? '', words.slice(1), {
    encoding: 'utf8',
    env: toolEnvironment(),
    timeout: 120_000,
  });
  const said = (pattern: RegExp): string => pattern.exec(stdout)?.[1] ?? `${stdout}${stderr}`;
  t.is(said(/^CapEff:\s*(\S+)/m), '0000000000000000');
  // The default, without CAP_MKNOD.
  t.is(said(/^CapBnd:\s*(\S+)/m), '00000000a00425fb');
  t.is(said(/^NoNewPrivs:\s*(\S+)/m), '1');
  t.is(said(/^Uid:\s*(\S+)/m), '1000');
  t.deepEqual(
    said(/^Groups:\s*(.*)$/m)
      .trim()
      .split(/\s+/),
    ['2000', '3000'],
  );
  t.is(said(/Max open files\s+(\d+)/), String(plan.openFiles.soft));
  t.is(said(/^volume=(\S+)/m), 'refused');
  t.is(said(/^dev=(\S+)/m), 'there');
});
