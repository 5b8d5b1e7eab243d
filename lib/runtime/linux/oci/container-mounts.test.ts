import test from 'ava';
import fc from 'fast-check';
import type { Mount } from '../../driver.ts';
import { absolute, containerMounts, type MountsInput } from './container-mounts.ts';

const inputOf = (mounts: readonly Mount[], more: Partial<MountsInput> = {}): MountsInput => ({
  volumes: mounts.map((mount) => ({ mount, source: `/volumes/${mount.volume}` })),
  podFiles: { resolvConf: '/pod/resolv.conf', hosts: '/pod/hosts', hostname: null, shm: '/pod/shm' },
  terminationLog: { source: '/pod/log', path: '/dev/termination-log' },
  rootReadOnly: false,
  privileged: false,
  recursiveReadOnly: true,
  ...more,
});
const made = (mounts: readonly Mount[], more: Partial<MountsInput> = {}) => {
  const verdict = containerMounts(inputOf(mounts, more));
  if (!verdict.ok) throw new Error(verdict.message);
  return verdict.value;
};
const at = (list: ReturnType<typeof made>, destination: string) =>
  list.find((one) => one.destination === destination);

test('a container has its own /proc and /dev, the pod’s files and shared memory, and may change neither /sys nor cgroups', (t) => {
  const list = made([]);
  t.like(at(list, '/etc/hosts'), { source: '/pod/hosts', type: 'bind' });
  t.like(at(list, '/dev/shm'), { source: '/pod/shm', type: 'bind' });
  t.is(at(list, '/etc/hostname'), undefined);
  for (const path of ['/sys', '/sys/fs/cgroup']) t.true(at(list, path)?.options.includes('ro'), path);
  t.true(at(made([], { privileged: true }), '/sys')?.options.includes('rw'));
});

test('with a read-only root the pod’s files are, its last words are not', (t) => {
  const list = made([], { rootReadOnly: true });
  t.true(at(list, '/etc/hosts')?.options.includes('ro'));
  t.true(at(list, '/dev/termination-log')?.options.includes('rw'));
});

test('a volume takes the place of what it covers, however its path is written', (t) => {
  const list = made([
    { volume: 'h', mountPath: '/etc//hosts', readOnly: true },
    { volume: 's', mountPath: '/dev/shm/', readOnly: false },
  ]);
  t.like(at(list, '/etc/hosts'), { source: '/volumes/h' });
  t.like(at(list, '/dev/shm'), { source: '/volumes/s' });
  t.is(list.filter(({ destination }) => destination === '/dev/shm').length, 1);
});

test('read-only all the way down where that is asked for and can be had', (t) => {
  const mount = { volume: 'v', mountPath: '/v', readOnly: true, recursiveReadOnly: 'IfPossible' } as const;
  t.true(at(made([mount]), '/v')?.options.includes('rro'));
  t.false(at(made([mount], { recursiveReadOnly: false }), '/v')?.options.includes('rro'));
  t.false(at(made([{ ...mount, readOnly: false }]), '/v')?.options.includes('rro'));
});

for (const { title, mount, more = {} } of [
  { title: 'at the root', mount: { volume: 'v', mountPath: '/.', readOnly: false } },
  { title: 'over /proc', mount: { volume: 'v', mountPath: '/x/../proc', readOnly: false } },
  { title: 'inside /proc', mount: { volume: 'v', mountPath: '/proc/sys/', readOnly: false } },
  {
    title: 'that propagates',
    mount: { volume: 'v', mountPath: '/v', readOnly: false, propagation: 'Bidirectional' },
  },
  {
    title: 'that must be read-only all the way down where that cannot be',
    mount: { volume: 'v', mountPath: '/v', readOnly: true, recursiveReadOnly: 'Enabled' },
    more: { recursiveReadOnly: false },
  },
] as const) {
  test(`a mount ${title} is refused, and the message names its volume`, (t) => {
    const verdict = containerMounts(inputOf([mount], more));
    t.regex(verdict.ok ? '' : verdict.message, /"v"/);
  });
}

test('outer mounts come before inner ones, each place once, all absolute and plain', (t) => {
  const part = fc.constantFrom('a', 'b', '.', '..', '', 'dev', 'etc', 'hosts', 'shm');
  const path = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(fc.array(path, { maxLength: 8 }), (paths) => {
      const mounts = paths.map((mountPath, index) => ({ volume: `v${index}`, mountPath, readOnly: false }));
      const verdict = containerMounts(inputOf(mounts));
      if (!verdict.ok) return;
      const seen: string[] = [];
      for (const { destination } of verdict.value) {
        t.regex(destination, /^(\/(?!\.{0,2}(\/|$))[^/]+)+$/);
        t.false(seen.some((before) => before === destination || before.startsWith(`${destination}/`)));
        seen.push(destination);
      }
      for (const one of paths) t.true(seen.includes(absolute(one)));
    }),
  );
});
