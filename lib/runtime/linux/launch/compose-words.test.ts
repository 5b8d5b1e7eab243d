import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { toolEnvironment } from '../../../base/run-program.ts';
import { EXCHANGE } from '../../../testing/exchange-names.ts';
import type { PlannedMount } from '../oci/container-plan.ts';
import { composeWords } from './compose-words.ts';

const run = process.getuid?.() !== 0 || !existsSync('/usr/bin/perl') ? test.skip : test.serial;

type Place = {
  readonly bundle: string;
  readonly volume: string;
  readonly other: string;
  readonly outside: string;
};

function placeOf(t: ExecutionContext): Place {
  const directory = mkdtempSync(join(tmpdir(), 'pintle compose-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const place = (name: string): string => join(directory, name);
  const places = {
    ...{ bundle: place('bundle'), volume: place('volume'), other: place('other') },
    outside: place('outside'),
  };
  for (const path of Object.values(places)) mkdirSync(path);
  return places;
}

const bind = (source: string, destination: string, ...options: readonly string[]): PlannedMount => ({
  ...{ source, destination, type: 'bind', options: ['rbind', 'rprivate', ...options] },
});

/** What is mounted lives as long as the shell. */
function inside(
  { bundle }: Place,
  words: readonly string[],
): { readonly said: string; readonly ended: number | null } {
  const script = ['set -e', 'cd "$1"', ...words].join('\n');
  const { stdout, stderr, status } = spawnSync(
    'unshare',
    ['--mount', '--propagation', 'slave', 'sh', '-c', script, '-', bundle],
    { encoding: 'utf8', env: toolEnvironment(), timeout: 60_000 },
  );
  return { said: `${stdout}${stderr}`, ended: status };
}

const outer = ({ volume }: Place, ...options: readonly string[]): PlannedMount =>
  bind(volume, '/data', ...options);
const written = (path: string): string =>
  `if (: >"composed/0/${path}/made") 2>/dev/null; then echo "${path} written"; else echo "${path} refused"; fi`;

run('each mount is what it was asked to be: read-only, without devices, all the way down or not', (t) => {
  const place = placeOf(t);
  for (const path of ['deep/er', 'in', 'kept', 'both/below'])
    mkdirSync(join(place.volume, path), { recursive: true });
  mkdirSync(join(place.other, 'sub'));
  const words = composeWords([
    {
      outer: outer(place, 'ro', 'rro'),
      inner: [
        bind(place.other, '/data/in', 'rw', 'nosuid', 'nodev', 'noexec'),
        bind(place.other, '/data/kept', 'ro'),
        bind(place.other, '/data/both', 'ro', 'rro'),
      ],
    },
  ]);
  const { said } = inside(place, [
    `mount -t tmpfs -o nosuid,mode=755 'a file system' '${place.volume}/deep/er'`,
    `mount -t tmpfs below '${place.other}/sub'`,
    ...words,
    ...['.', 'deep/er', 'in', 'kept', 'both', 'in/sub', 'kept/sub', 'both/sub'].map(written),
    'cat /proc/self/mountinfo',
  ]);
  t.deepEqual(
    [...said.matchAll(/^(\S+) (written|refused)$/gm)].map(([line]) => line),
    [
      ...['. refused', 'deep/er refused', 'in written', 'kept refused', 'both refused'],
      // As it is without: only the mount itself is read-only.
      ...['in/sub written', 'kept/sub written', 'both/sub refused'],
    ],
    said,
  );
  t.regex(said, /composed\/0\/in rw,nosuid,nodev,noexec,/);
  t.regex(said, /composed\/0\/deep\/er ro,nosuid,/);
});

run(
  'files and directories that are missing are made in the volume, which a read-only one does not allow',
  (t) => {
    const place = placeOf(t);
    writeFileSync(join(place.other, 'file'), 'mounted');
    const inner = [
      bind(place.other, "/data/it's/new", 'rw'),
      bind(join(place.other, 'file'), '/data/f', 'ro'),
    ];
    const { said } = inside(place, [
      ...composeWords([{ outer: outer(place, 'rw'), inner }]),
      'cat composed/0/f "composed/0/it\'s/new/file"',
    ]);
    t.is(said, 'mountedmounted');
    t.deepEqual(readdirSync(place.volume).sort(), ['f', "it's"]);
    const more = [bind(place.other, '/data/more', 'rw')];
    t.not(inside(place, composeWords([{ outer: outer(place, 'ro'), inner: more }])).ended, 0);
  },
);

run('a pipe in the place of a file is refused, and not waited for', (t) => {
  const place = placeOf(t);
  writeFileSync(join(place.other, 'file'), 'mounted');
  const inner = [bind(join(place.other, 'file'), '/data/pipe', 'ro')];
  const words = composeWords([{ outer: outer(place, 'rw'), inner }]);
  t.is(inside(place, [`mkfifo '${place.volume}/pipe'`, ...words]).ended, 1);
});

for (const { title, target, works } of [
  { title: 'within the volume', target: 'directory', works: true },
  { title: 'to the volume, as the container has it', target: '/data/directory', works: true },
  { title: 'to the volume itself', target: '/data', works: true },
  { title: 'to the machine', target: '/tmp', works: false },
  { title: 'to a name that begins as the volume’s', target: '/database', works: false },
  { title: 'up and out', target: '../outside', works: false },
  { title: 'to itself', target: 'link', works: false },
]) {
  run(`a link on the way ${title} ${works ? 'is followed' : 'is refused'}`, (t) => {
    const place = placeOf(t);
    mkdirSync(join(place.volume, 'directory'));
    writeFileSync(join(place.other, 'file'), 'mounted');
    symlinkSync(target, join(place.volume, 'link'));
    const inner = [bind(place.other, '/data/link/new', 'rw')];
    const { said, ended } = inside(place, [
      ...composeWords([{ outer: outer(place, 'rw'), inner }]),
      `cat composed/0/${target.endsWith('directory') ? 'directory/' : ''}new/file`,
    ]);
    t.is(ended === 0, works, said);
    t.is(said === 'mounted', works, said);
    t.deepEqual(readdirSync(place.outside), []);
  });
}

run(
  'a volume that changes all the while leads nowhere, as a path that is looked up at once does',
  async (t) => {
    const place = placeOf(t);
    const swaps = await swapping(t, place);
    const inner = [
      bind(place.other, '/data/inner/new/er', 'rw'),
      bind('/dev/null', '/data/inner/file', 'rw'),
    ];
    const words = composeWords([{ outer: outer(place, 'rw'), inner }]);
    const trusting = [
      `mkdir -p composed/0; mount --bind '${place.volume}' composed/0`,
      'mkdir -p composed/0/inner/new/er; : >composed/0/inner/file',
    ];
    // The control: what this test would see is there to be seen.
    let tries = 0;
    while (readdirSync(place.outside).length === 0 && tries < 200) {
      inside(place, trusting);
      tries += 1;
    }
    t.notDeepEqual(readdirSync(place.outside), [], 'nothing was swapped at the right moment');
    for (const name of readdirSync(place.outside))
      rmSync(join(place.outside, name), { recursive: true, force: true });
    let mounted = 0;
    for (let attempt = 0; attempt < 40; attempt += 1) {
      if (inside(place, words).ended === 0) mounted += 1;
      t.deepEqual(readdirSync(place.outside), []);
    }
    t.true(mounted > 0, 'none was mounted');
    t.is(swaps.exitCode, null);
  },
);

/** Swaps a directory of the volume for a link out of it, until the test ends. */
async function swapping(t: ExecutionContext, { volume, outside }: Place): Promise<ChildProcess> {
  const swaps = spawn('perl', ['-e', EXCHANGE, volume, outside], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(async () => {
    swaps.kill('SIGKILL');
    if (swaps.exitCode === null) await once(swaps, 'exit');
  });
  await once(swaps.stdout, 'data');
  return swaps;
}
