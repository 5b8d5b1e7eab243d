import test from 'ava';
import fc from 'fast-check';
import { composeMounts } from './compose-mounts.ts';
import type { PlannedMount } from './container-plan.ts';

const bind = (destination: string, options: readonly string[] = ['rbind', 'rw']): PlannedMount => ({
  ...{ destination, type: 'bind', source: `/of${destination}`, options },
});
const kernel = (destination: string, type: string): PlannedMount => ({
  ...{ destination, type, source: type, options: ['nosuid'] },
});
const composed = (mounts: readonly PlannedMount[], privileged = false) =>
  composeMounts(mounts, { privileged, sourceOf: (at) => `/composed/${at}` });

for (const { title, mounts, launcher, groups } of [
  {
    title: 'what lies in no volume is the launcher’s, as it was',
    mounts: [kernel('/dev', 'tmpfs'), bind('/data'), kernel('/dev/pts', 'devpts'), bind('/database/x')],
    launcher: ['/dev /', '/data /of/data', '/dev/pts /', '/database/x /of/database/x'],
    groups: [],
  },
  {
    title: 'what lies in a volume goes into it, however deep',
    mounts: [bind('/a'), bind('/b'), bind('/a/x'), bind('/b/y'), bind('/a/x/y/z')],
    launcher: ['/a /composed/0', '/b /composed/1'],
    groups: [
      ['/a', '/a/x', '/a/x/y/z'],
      ['/b', '/b/y'],
    ],
  },
  {
    title: 'a volume in the shared memory goes into that',
    mounts: [kernel('/dev', 'tmpfs'), bind('/dev/shm'), bind('/dev/shm/x')],
    launcher: ['/dev /', '/dev/shm /composed/0'],
    groups: [['/dev/shm', '/dev/shm/x']],
  },
  {
    title: 'what covers another is what things lie in, and what came before it is not in it',
    mounts: [bind('/usr/lib'), bind('/usr'), bind('/usr/lib/x')],
    launcher: ['/usr/lib /of/usr/lib', '/usr /composed/0'],
    groups: [['/usr', '/usr/lib/x']],
  },
  {
    title: 'where a volume is /dev, its message queues are left out',
    mounts: [bind('/dev'), kernel('/dev/pts', 'devpts'), kernel('/dev/mqueue', 'mqueue')],
    launcher: ['/dev /composed/0'],
    groups: [['/dev', '/dev/pts']],
  },
  {
    title: 'where a volume is /sys, nothing is where the groups would be',
    mounts: [bind('/sys'), kernel('/sys/fs/cgroup', 'cgroup')],
    launcher: ['/sys /composed/0'],
    groups: [['/sys', '/sys/fs/cgroup']],
  },
]) {
  test(title, (t) => {
    const made = composed(mounts);
    t.deepEqual(
      made.mounts.map(({ destination, source, type }) => `${destination} ${type === 'bind' ? source : '/'}`),
      launcher,
    );
    t.deepEqual(
      made.compositions.map(({ outer, inner }) => [outer, ...inner].map(({ destination }) => destination)),
      groups,
    );
    t.false(JSON.stringify(made.compositions).includes('"cgroup"'));
  });
}

test('a privileged container sees the groups of the volume that is its /sys', (t) => {
  const made = composed([bind('/sys'), kernel('/sys/fs/cgroup', 'cgroup')], true);
  t.deepEqual(made.compositions[0]?.inner, []);
});

test('a volume that is read-only all the way down is so before others are mounted in it, and not after', (t) => {
  const options = ['rbind', 'rprivate', 'ro', 'rro'];
  const made = composed([bind('/a', options), bind('/a/b')]);
  t.deepEqual(made.compositions[0]?.outer.options, options);
  t.deepEqual(made.mounts[0]?.options, ['rbind', 'rprivate', 'ro']);
});

test('no launcher goes through what it has bound, and nothing is lost', (t) => {
  const path = fc
    .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 })
    .map((parts) => `/${parts.join('/')}`);
  const mount = fc.tuple(path, fc.boolean()).map(([at, binds]) => (binds ? bind(at) : kernel(at, 'tmpfs')));
  fc.assert(
    fc.property(fc.array(mount, { maxLength: 8 }), (mounts) => {
      const made = composed(mounts);
      for (const [at, one] of made.mounts.entries())
        t.false(
          made.mounts
            .slice(0, at)
            .some((held) => held.type === 'bind' && one.destination.startsWith(`${held.destination}/`)),
        );
      const inside = made.compositions.flatMap(({ inner }) => inner);
      t.is(made.mounts.length + inside.length, mounts.length);
    }),
  );
});
