import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { CraftedImages } from '../../testing/crafted-images.ts';
import { withEveryLauncher } from '../../testing/linux-launchers.ts';
import type { MadeEntry } from '../../testing/made-image.ts';
import { openLinuxDriver } from '../../testing/open-linux-driver.ts';
import { ended, logText, sandboxSpec, scriptContainer } from '../../testing/open-process-driver.ts';
import type { ContainerSecurity } from '../container-security.ts';
import type { ContainerSpec, PodDriver } from '../driver.ts';
import type { ImageConfig } from '../image/image-root.ts';

const busybox = readFileSync('/usr/bin/busybox');
const program: readonly MadeEntry[] = [
  { name: 'bin/', type: 'directory' },
  { name: 'bin/busybox', content: busybox, mode: 0o755 },
  ...['sh', 'cat', 'id', 'ls', 'head', 'wc', 'grep', 'mkdir'].map((name) => ({
    ...{ name: `bin/${name}`, type: 'symlink' as const, target: 'busybox' },
  })),
];
const link = (name: string, target: string): MadeEntry => ({ name, type: 'symlink', target });
const dir = (name: string): MadeEntry => ({ name, type: 'directory' });

/** Files of the machine. */
const accounts = ['precious', 'passwd', 'accounts'] as const;
const ACCOUNT = 'evil:x:4242:4242::/:/bin/sh\n';

type Attack = {
  readonly entries: (outside: string) => readonly MadeEntry[];
  readonly config?: (outside: string) => Partial<ImageConfig>;
  /** Prints `harm` where it gets anywhere. */
  readonly script?: (outside: string) => string;
  readonly mounts?: ContainerSpec['mounts'];
};

const harm = (command: string): string => `if (${command}) >/dev/null 2>&1; then echo harm; fi`;
/** Through whatever name the image gives the kernel's file systems. */
const kernel = (proc: string, sys: string): string =>
  [
    // What is written is what is there.
    harm(`cat ${proc}/sys/kernel/panic >/tmp-panic && cat /tmp-panic >${proc}/sys/kernel/panic`),
    harm(`: >${proc}/sysrq-trigger`),
    harm(`test "$(head -c 1 ${proc}/kcore | wc -c)" = 1`),
    harm(`cat ${sys}/kernel/mm/ksm/run >/tmp-ksm && cat /tmp-ksm >${sys}/kernel/mm/ksm/run`),
    harm(`: >${sys}/kernel/uevent_helper`),
  ].join('\n');

const attacks: Readonly<Record<string, Attack>> = {
  'files of the pod are links out of it': {
    entries: (outside) => [
      dir('etc/'),
      link('etc/hosts', `${outside}/precious`),
      link('etc/resolv.conf', `../../../../../../../../..${outside}/new`),
      link('etc/hostname', `${outside}/directory/new`),
    ],
    script: () => 'for name in hosts resolv.conf hostname; do echo harm >>/etc/$name; done',
  },
  'its /etc is a link out of it': {
    entries: (outside) => [link('etc', `${outside}/directory`)],
    script: () => 'echo harm >>/etc/hosts; echo harm >/etc/new',
  },
  'a volume goes where a link leads out': {
    entries: (outside) => [link('data', `${outside}/directory`), link('up', '../../../../../../../..')],
    mounts: [
      { volume: 'scratch', mountPath: '/data/inner', readOnly: false },
      { volume: 'scratch', mountPath: '/up/up/new', readOnly: false },
    ],
    script: () => 'echo harm >/data/inner/new',
  },
  'its /dev is a link out of it': {
    entries: (outside) => [link('dev', `${outside}/directory`)],
  },
  'its /dev/shm leads out': {
    entries: (outside) => [dir('dev/'), link('dev/shm', `${outside}/directory`)],
    script: () => 'echo harm >/dev/shm/new',
  },
  'its /proc is a link within it': {
    entries: () => [link('proc', 'elsewhere'), dir('elsewhere/')],
    script: () => `${kernel('/proc', '/sys')}\n${kernel('/elsewhere', '/sys')}`,
  },
  'its /proc is a link to its root’s': {
    entries: () => [link('proc', '/elsewhere'), link('sys', '/other'), dir('elsewhere/'), dir('other/')],
    script: () => kernel('/elsewhere', '/other'),
  },
  'its /proc is a link out of it': {
    entries: (outside) => [link('proc', `${outside}/directory`)],
    script: (outside) => kernel(`${outside}/directory`, '/sys'),
  },
  'its /proc is a link to the root of all': {
    entries: () => [link('proc', '/')],
    script: () => kernel('', '/sys'),
  },
  'its /sys is a link within it': {
    entries: () => [link('sys', 'elsewhere'), dir('elsewhere/')],
    script: () => kernel('/proc', '/elsewhere'),
  },
  'its accounts are those of the machine': {
    entries: (outside) => [dir('etc/'), link('etc/passwd', `${outside}/accounts`)],
    config: () => ({ user: 'evil' }),
    script: () => 'echo harm',
  },
  'its accounts are those of the machine, by its /etc': {
    entries: (outside) => [link('etc', outside)],
    config: () => ({ user: 'evil' }),
    script: () => 'echo harm',
  },
  'its program is a link out of it': {
    entries: (outside) => [link('run', `${outside}/program`)],
    config: () => ({ entrypoint: ['/run'] }),
  },
};

/** Descriptors that a launcher may have open when it goes into the container's directory. */
for (const [at, name] of [3, 6, 7, 8, 9].entries())
  Object.assign(attacks, {
    [`it begins in a directory that its launcher has open: ${name}`]: {
      entries: () => [link('begin', `/proc/self/fd/${name}`), dir('proc/')],
      config: () => ({ workingDir: at % 2 === 0 ? `/proc/self/fd/${name}` : '/begin' }),
      script: (outside) =>
        ['', '/..', '/../..', '/../../..', '/../../../../../..']
          .map((up) =>
            harm(`cat .${up}${outside}/precious || cat .${up}/precious || test -e .${up}/config.json`),
          )
          .join('\n'),
    } satisfies Attack,
  });

withEveryLauncher(test, 'a crafted image gets nowhere', async (t, launcher) => {
  const images: CraftedImages[] = [];
  const { driver, dataDirectory } = await openLinuxDriver(t, launcher, {
    images: (directory) => {
      const made = new CraftedImages(join(directory, 'crafted'));
      images.push(made);
      return made;
    },
  });
  const outside = join(dataDirectory, 'outside');
  mkdirSync(join(outside, 'directory'), { recursive: true });
  for (const name of accounts) writeFileSync(join(outside, name), ACCOUNT);
  writeFileSync(join(outside, 'program'), '#!/bin/sh\necho harm\n', { mode: 0o755 });
  await driver.createSandbox(sandboxSpec('pod'));
  await driver.writeVolume('pod', 'scratch', { kind: 'empty', memory: false, sizeLimitBytes: null });
  // What the attacks look for is there to be found: a privileged container finds it, in an image that is none.
  await images[0]?.add('plain', program, { config: { entrypoint: [], env: [['PATH', '/bin']] } });
  const open = scriptContainer('pod', kernel('/proc', '/sys'), { image: 'plain', security: PRIVILEGED });
  t.regex(await said(driver, open), /harm/);
  const reached: string[] = [];
  for (const [at, [title, attack]] of Object.entries(attacks).entries()) {
    const image = `image${at}`;
    await images[0]?.add(image, [...program, ...attack.entries(outside)], {
      config: { entrypoint: [], cmd: [], env: [['PATH', '/bin']], ...attack.config?.(outside) },
    });
    const spec = scriptContainer('pod', `echo began; ${attack.script?.(outside) ?? ':'}`, {
      ...{ container: `main${at}`, image, mounts: attack.mounts ?? [] },
      ...(attack.config?.(outside).entrypoint === undefined ? {} : { command: [] }),
    });
    const text = await said(driver, spec);
    if (process.env.SHOW) t.log(title, text);
    if (text.includes('harm')) reached.push(title);
    if (!isUntouched(outside)) reached.push(`${title}: files of the machine`);
  }
  t.deepEqual(reached, []);
});

const PRIVILEGED: ContainerSecurity = {
  ...{ runAsUser: null, runAsGroup: null, runAsNonRoot: false, privileged: true, procMount: 'Default' },
  ...{ supplementalGroups: [], supplementalGroupsPolicy: 'Merge', readOnlyRootFilesystem: false },
  ...{ allowPrivilegeEscalation: true, capabilities: { add: [], drop: [] } },
  seccompProfile: { type: 'Unconfined' },
};

/** What it prints, if it is started at all. */
async function said(driver: PodDriver, spec: ContainerSpec): Promise<string> {
  const { refused } = await driver.startContainer(spec);
  if (refused !== undefined) return '';
  await ended(driver, spec.id);
  return logText(driver, spec.id);
}

/** Whether the machine's files are as they were; what came beside them is taken away for the next attack. */
function isUntouched(outside: string): boolean {
  const directory = join(outside, 'directory');
  const inside = readdirSync(directory);
  for (const name of inside) rmSync(join(directory, name), { recursive: true });
  const same = accounts.every((name) => readFileSync(join(outside, name), 'utf8') === ACCOUNT);
  return same && inside.length === 0 && readdirSync(outside).length === accounts.length + 2;
}

/** Of libcap: version 2, effective; CAP_DAC_OVERRIDE permitted. Source: linux/capability.h. */
const fileCapabilities = Buffer.from([1, 0, 0, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

withEveryLauncher(test, 'a program of root’s, or with capabilities, gives none', async (t, launcher) => {
  const images: CraftedImages[] = [];
  const { driver } = await openLinuxDriver(t, launcher, {
    images: (directory) => {
      const made = new CraftedImages(join(directory, 'crafted'));
      images.push(made);
      return made;
    },
  });
  const content = readFileSync('/usr/bin/cat');
  await images[0]?.add(
    'raising',
    [
      dir('opt/'),
      { name: 'opt/setuid', content, mode: 0o6755 },
      ...[
        {
          ...{ name: 'opt/capable', content, mode: 0o755 },
          xattrs: { 'security.capability': fileCapabilities.toString('latin1') },
        },
      ],
    ],
    { overHost: true },
  );
  await driver.createSandbox(sandboxSpec('pod'));
  const run = async (allowPrivilegeEscalation: boolean): Promise<string> => {
    const spec = scriptContainer(
      'pod',
      'for name in setuid capable; do /opt/$name /proc/self/status | grep -E "^(Uid|CapEff)" || echo none; done',
      {
        ...{ container: `main-${allowPrivilegeEscalation}`, image: 'raising' },
        security: {
          ...{ runAsUser: 1234, runAsGroup: 1234, runAsNonRoot: true, privileged: false },
          ...{ procMount: 'Default', supplementalGroups: [], supplementalGroupsPolicy: 'Merge' },
          ...{ readOnlyRootFilesystem: false, allowPrivilegeEscalation },
          ...{ capabilities: { add: [], drop: [] }, seccompProfile: { type: 'RuntimeDefault' } },
        },
      },
    );
    return said(driver, spec);
  };
  const nothing = 'Uid:\t1234\t1234\t1234\t1234\nCapEff:\t0000000000000000\n';
  t.is(await run(false), nothing.repeat(2));
  // Where it may, it does: so it is not for want of a program that it did not.
  const raised = await run(true);
  t.regex(raised, /^Uid:\t1234\t0\t0\t0\nCapEff:\t0{8}[0-9a-f]{8}\n/);
  t.notRegex(raised, /CapEff:\t0{16}\nUid/);
});
