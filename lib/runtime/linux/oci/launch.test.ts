import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { planInputOf } from '../../../testing/launch-plan.ts';
import { readLaunchMachine } from '../read-launch-machine.ts';
import { ociSpec } from './oci-spec.ts';
import { type PlanInput, planContainer } from './plan-container.ts';
import { podSysctls } from './sysctls.ts';

// Every kind of specification is given to the real launchers, and what they make of it is asked from inside.

const BUSYBOX = '/bin/busybox';
const LAUNCHERS = ['/usr/bin/runc', '/usr/bin/crun'] as const;
const missing =
  process.getuid?.() !== 0
    ? 'only root can launch containers here'
    : existsSync(BUSYBOX)
      ? null
      : 'busybox-static is not installed';
/** crun takes no controllers of both versions at once: it is not shown the second. */
const HYBRID = '/sys/fs/cgroup/unified';

const TOOLS =
  'cat chroot echo env grep head hostname id ls mknod mount ping pwd sh sleep stat test touch true umount unshare wc'.split(
    ' ',
  );

type Ran = { readonly code: number | null; readonly output: string; line(name: string): string };

type Bundle = {
  readonly directory: string;
  readonly rootPath: string;
  run(launcher: string, input: Parameters<typeof planInputOf>[0], script: string): Ran;
};

let launches = 0;

function bundleOf(t: ExecutionContext): Bundle {
  const directory = mkdtempSync(join(tmpdir(), 'pintle-oci-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  chmodSync(directory, 0o755);
  const rootPath = join(directory, 'root');
  for (const name of ['bin', 'dev', 'etc', 'proc', 'sys', 'tmp', 'work'])
    mkdirSync(join(rootPath, name), { recursive: true });
  cpSync(BUSYBOX, join(rootPath, 'bin/busybox'));
  for (const tool of TOOLS) symlinkSync('busybox', join(rootPath, 'bin', tool));
  writeFileSync(join(directory, 'termination-log'), '');
  const run: Bundle['run'] = (launcher, more, script) => {
    const machine = { ...readLaunchMachine(), ...more?.machine };
    launches += 1;
    const id = `pintle-oci-${process.pid}-${launches}`;
    const input: PlanInput = planInputOf({
      ...{ rootPath, cgroupPath: `/${id}`, terminationLog: join(directory, 'termination-log') },
      ...more,
      machine,
      spec: { command: ['/bin/sh', '-c', script], ...more?.spec },
    });
    const verdict = planContainer(input);
    if (!verdict.ok) throw new Error(verdict.refusal.message);
    const bundle = join(directory, id);
    mkdirSync(bundle);
    writeFileSync(join(bundle, 'config.json'), JSON.stringify(ociSpec(verdict.plan)));
    const hidden = launcher.endsWith('crun') && existsSync(HYBRID);
    const command = [launcher, '--root', join(directory, 'state'), 'run', '--bundle', bundle, id];
    const argv = hidden
      ? [
          'unshare',
          '--mount',
          '--propagation=private',
          'sh',
          '-c',
          `umount ${HYBRID}; exec "$@"`,
          '-',
          ...command,
        ]
      : command;
    const { status, stdout, stderr } = spawnSync(argv[0] ?? '', argv.slice(1), {
      encoding: 'utf8',
      timeout: 120_000,
    });
    const output = `${stdout}${stderr}`;
    return {
      code: status,
      output,
      line: (name) => new RegExp(`^${name}[:=][ \\t]*(.*)$`, 'm').exec(output)?.[1] ?? '',
    };
  };
  return { directory, rootPath, run };
}

for (const launcher of LAUNCHERS) {
  const why = missing ?? (existsSync(launcher) ? null : `${launcher} is not installed`);
  const title = `${launcher.split('/').at(-1)}`;
  const check = (what: string, run: (t: ExecutionContext) => void | Promise<void>): void => {
    if (why !== null) test.skip(`${title}: ${what} (${why})`, run);
    else test.serial(`${title}: ${what}`, run);
  };

  check(
    'a container that asks for nothing is root with the default capabilities, filtered, without the machine’s files',
    (t) => {
      const { run, directory } = bundleOf(t);
      const ran = run(
        launcher,
        {
          image: {
            env: [
              ['COLOUR', 'red'],
              ['SHAPE', 'round'],
            ],
          },
          spec: {
            env: [{ name: 'COLOUR', value: 'blue' }],
            workingDir: '/work',
            oomScoreAdj: 500,
            resources: {
              cpuRequestMillis: 250,
              cpuLimitMillis: 500,
              memoryRequestBytes: null,
              memoryLimitBytes: 64 * 1024 ** 2,
            },
          },
          pidsMax: 50,
          sandbox: { sysctls: new Map([['net.ipv4.ip_unprivileged_port_start', '0']]) },
        },
        `
        grep -E '^(Cap|NoNewPrivs|Seccomp|Uid|Groups)' /proc/self/status
        echo "hostname=$(hostname)"; echo "colour=$COLOUR"; echo "shape=$SHAPE"; echo "home=$HOME"; echo "cwd=$(pwd)"
        echo "oom=$(cat /proc/self/oom_score_adj)"; echo "pid=$$"
        echo "port=$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)"
        echo "kcore=$(head -c 1 /proc/kcore 2> /dev/null | wc -c)"; echo "keys=$(cat /proc/keys 2> /dev/null | wc -c)"; echo "firmware=$(ls /sys/firmware | wc -l)"
        (echo 1 > /proc/sys/kernel/panic) 2> /dev/null && echo sysctl=written || echo sysctl=refused
        touch /sys/x 2> /dev/null && echo sys=written || echo sys=refused
        mount -t tmpfs none /tmp 2> /dev/null && echo mount=done || echo mount=refused
        unshare -U true 2> /dev/null && echo namespace=made || echo namespace=refused
        umount /proc/kcore 2> /dev/null && echo umount=done || echo umount=refused
        mknod /tmp/disk b 8 0 && (cat /tmp/disk > /dev/null) 2> /dev/null && echo disk=read || echo disk=refused
        touch /tmp/file && echo root=written || echo root=refused
        echo last words > /dev/termination-log
        test -c /dev/null && test -d /dev/pts && test -d /dev/shm && echo dev=there
        echo "cgroup=$(cat /proc/self/cgroup | grep -c pintle-oci)"
        echo "limit=$(cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2> /dev/null)"
        echo "pids=$(cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2> /dev/null)"
        echo "shares=$(cat /sys/fs/cgroup/cpu/cpu.shares 2> /dev/null)"
      `,
      );
      t.is(ran.code, 0, ran.output);
      const said = (name: string): string => ran.line(name);
      for (const set of ['CapBnd', 'CapEff', 'CapPrm']) t.is(said(set), '00000000a80425fb', set);
      for (const set of ['CapInh', 'CapAmb']) t.is(said(set), '0000000000000000', set);
      t.deepEqual([said('NoNewPrivs'), said('Seccomp'), said('Uid').split(/\s+/)[0]], ['0', '2', '0']);
      t.deepEqual(
        [said('hostname'), said('colour'), said('shape'), said('home')],
        ['web-0', 'blue', 'round', '/'],
      );
      t.deepEqual([said('cwd'), said('oom'), said('pid'), said('port')], ['/work', '500', '1', '0']);
      t.deepEqual([said('kcore'), said('keys'), said('firmware')], ['0', '0', '0']);
      for (const name of ['sysctl', 'sys', 'mount', 'namespace', 'umount', 'disk'])
        t.is(said(name), 'refused', name);
      t.deepEqual([said('root'), said('dev'), said('cgroup')], ['written', 'there', '0']);
      t.deepEqual([said('limit'), said('pids')], [String(64 * 1024 ** 2), '50']);
      if (readLaunchMachine().cgroups === 'v1') t.is(said('shares'), '256');
      t.is(readFileSync(join(directory, 'termination-log'), 'utf8'), 'last words\n');
    },
  );

  check(
    'a restricted container is who it says, has no capability, cannot gain one, and writes only where it may',
    (t) => {
      const { run, directory } = bundleOf(t);
      for (const name of ['writable', 'kept']) mkdirSync(join(directory, name));
      chmodSync(join(directory, 'writable'), 0o777);
      writeFileSync(join(directory, 'hosts'), '10.0.0.5 web-0\n');
      const files = { resolvConf: null, hosts: join(directory, 'hosts'), hostname: null, shm: null };
      const ran = run(
        launcher,
        {
          security: {
            ...{ runAsUser: 1000, runAsGroup: 2000, runAsNonRoot: true, supplementalGroups: [3000] },
            ...{
              capabilities: { add: [], drop: ['ALL'] },
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
            },
          },
          accounts: { passwd: 'app:x:1000:1:App:/work:/bin/sh\n', group: 'extra:x:4000:app\n' },
          sandbox: { files },
          volumes: [
            {
              mount: { volume: 'w', mountPath: '/data', readOnly: false },
              source: join(directory, 'writable'),
            },
            {
              mount: {
                volume: 'k',
                mountPath: '/data/in/kept',
                readOnly: true,
                recursiveReadOnly: 'IfPossible',
              },
              source: join(directory, 'kept'),
            },
          ],
        },
        `
        grep -E '^(Cap|NoNewPrivs|Seccomp|Uid|Gid|Groups)' /proc/self/status
        echo "home=$HOME"; echo "hosts=$(cat /etc/hosts)"
        touch /tmp/x 2> /dev/null && echo root=written || echo root=refused
        touch /data/x 2> /dev/null && echo data=written || echo data=refused
        touch /data/in/kept/x 2> /dev/null && echo kept=written || echo kept=refused
        touch /etc/hosts 2> /dev/null && echo etc=written || echo etc=refused
        chroot / true 2> /dev/null && echo chroot=done || echo chroot=refused
      `,
      );
      t.is(ran.code, 0, ran.output);
      for (const set of ['CapBnd', 'CapEff', 'CapPrm', 'CapInh', 'CapAmb'])
        t.is(ran.line(set), '0000000000000000', set);
      t.deepEqual([ran.line('NoNewPrivs'), ran.line('Seccomp')], ['1', '2']);
      t.deepEqual(ran.line('Uid').split(/\s+/), ['1000', '1000', '1000', '1000']);
      t.is(ran.line('Gid').split(/\s+/)[0], '2000');
      t.deepEqual(ran.line('Groups').trim().split(/\s+/).map(Number).sort(), [2000, 3000, 4000]);
      t.deepEqual([ran.line('home'), ran.line('hosts')], ['/work', '10.0.0.5 web-0']);
      t.deepEqual(
        [ran.line('root'), ran.line('data'), ran.line('kept'), ran.line('etc')],
        ['refused', 'written', 'refused', 'refused'],
      );
      t.is(ran.line('chroot'), 'refused');
    },
  );

  check('a privileged container has all that the machine gives', (t) => {
    const { run } = bundleOf(t);
    const script = `
      grep -E '^(Cap|NoNewPrivs|Seccomp)' /proc/self/status
      mount -t tmpfs none /tmp && echo mount=done || echo mount=refused
      test -w /proc/sys/kernel/panic && echo sysctl=open || echo sysctl=refused
    `;
    const ran = run(
      launcher,
      { security: { privileged: true, seccompProfile: { type: 'Unconfined' } } },
      script,
    );
    t.is(ran.code, 0, ran.output);
    t.is(ran.line('CapBnd'), readLaunchMachine().capabilityMask);
    t.deepEqual([ran.line('Seccomp'), ran.line('mount'), ran.line('sysctl')], ['0', 'done', 'open']);
  });

  check('a capability that is added opens the calls it stands for', (t) => {
    const { run } = bundleOf(t);
    const security = { capabilities: { add: ['SYS_ADMIN'], drop: [] } };
    const ran = run(launcher, { security }, 'mount -t tmpfs none /tmp && unshare -m true && echo opened=yes');
    t.is(ran.line('opened'), 'yes', ran.output);
  });

  check('programs with threads, children and sockets are not held up by the filter', (t) => {
    const { run, rootPath } = bundleOf(t);
    for (const name of ['lib', 'lib64']) symlinkSync(`usr/${name}`, join(rootPath, name));
    const program = `
      const { scrypt } = require('node:crypto'); const { createServer } = require('node:net');
      const { spawnSync } = require('node:child_process'); const { Worker } = require('node:worker_threads');
      const { promisify } = require('node:util'); const { once } = require('node:events');
      (async () => {
        await Promise.all([1, 2, 3].map((salt) => promisify(scrypt)('x', String(salt), 16)));
        await once(new Worker('require("node:fs").writeFileSync("/tmp/x", "y")', { eval: true }), 'exit');
        const server = createServer().listen(80, '127.0.0.1'); await once(server, 'listening'); server.close();
        console.log('child=' + spawnSync('/bin/echo', ['ran']).stdout);
      })();
    `;
    const mountOf = (volume: string, path: string, source: string) => ({
      mount: { volume, mountPath: path, readOnly: true },
      source,
    });
    const more = {
      security: {
        runAsUser: 1000,
        allowPrivilegeEscalation: false,
        capabilities: { add: [], drop: ['ALL'] },
      },
      sandbox: { sysctls: podSysctls({}) },
      volumes: [mountOf('usr', '/usr', '/usr'), mountOf('node', '/node', dirname(process.execPath))],
      spec: { command: ['/node/node', '-e', program] },
    };
    chmodSync(join(rootPath, 'tmp'), 0o777);
    const ran = run(launcher, more, '');
    t.is(ran.line('child'), 'ran', ran.output);
  });

  check('a profile of the machine’s owner is what filters', (t) => {
    const { run } = bundleOf(t);
    const text = JSON.stringify({
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 28 }],
    });
    const ran = run(
      launcher,
      {
        security: { seccompProfile: { type: 'Localhost', localhostProfile: 'a.json' } },
        localhostProfile: { text, directory: '/profiles' },
      },
      'busybox mkdir /tmp/x 2>&1; true',
    );
    t.regex(ran.output, /No space left/);
  });

  check('a container joins namespaces that exist already', async (t) => {
    const { run } = bundleOf(t);
    const holder = spawn(
      'unshare',
      ['--net', '--ipc', '--uts', 'sh', '-c', 'hostname shared; echo ready; sleep 60'],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    t.teardown(() => holder.kill('SIGKILL'));
    await once(holder.stdout, 'data');
    const of = (kind: string) => ({ of: 'path', path: `/proc/${holder.pid}/ns/${kind}` }) as const;
    const sysctls = new Map([['net.ipv4.ip_unprivileged_port_start', '77']]);
    const sandbox = { network: of('net'), ipc: of('ipc'), uts: of('uts'), sysctls };
    const port = '/proc/sys/net/ipv4/ip_unprivileged_port_start';
    const ran = run(
      launcher,
      { sandbox },
      `echo "name=$(hostname)"; echo "port=$(cat ${port})"; ls -l /proc/self/ns`,
    );
    t.deepEqual([ran.line('name'), ran.line('port')], ['shared', '77'], ran.output);
    const shared = ['net', 'ipc', 'uts'].map((kind) => readlinkSync(`/proc/${holder.pid}/ns/${kind}`));
    for (const id of shared) t.true(ran.output.includes(id), id);
  });

  for (const { what, more } of [
    { what: 'no limits', more: { pidsMax: null } },
    {
      what: 'tiny limits',
      more: {
        spec: {
          resources: {
            cpuRequestMillis: 1,
            cpuLimitMillis: 10,
            memoryRequestBytes: null,
            memoryLimitBytes: 64 * 1024 ** 2,
          },
        },
      },
    },
    {
      what: 'the machine’s network, ipc, names and processes',
      more: {
        sandbox: {
          network: { of: 'machine' },
          ipc: { of: 'machine' },
          uts: { of: 'machine' },
          pid: { of: 'machine' },
          sysctls: new Map([['net.ipv4.tcp_syncookies', '1']]),
        },
      },
    },
    {
      what: 'its image’s own command',
      more: { spec: { command: [] }, image: { entrypoint: ['/bin/true'] } },
    },
    { what: 'oom scores that only a stronger root could give', more: { spec: { oomScoreAdj: -997 } } },
    { what: 'no filter', more: { security: { seccompProfile: { type: 'Unconfined' } } } },
    {
      what: 'a volume in place of /dev/shm',
      more: {
        volumes: [{ mount: { volume: 'm', mountPath: '/dev/shm/', readOnly: false }, source: '/tmp' }],
      },
    },
    {
      what: 'a termination message path of its own',
      more: { spec: { terminationMessagePath: '/var/log/last/words' } },
    },
    { what: 'Unmasked /proc', more: { security: { procMount: 'Unmasked' } } },
  ] as const) {
    check(`a container with ${what} runs`, (t) => {
      const { run } = bundleOf(t);
      const ran = run(launcher, more, 'true');
      t.is(ran.code, 0, ran.output);
    });
  }
}
