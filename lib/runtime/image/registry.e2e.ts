import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import anyTest, { type ExecutionContext } from 'ava';
import { toolEnvironment } from '../../base/run-program.ts';
import { dockerRegistry, registryPrograms, skopeoCopy } from '../../testing/docker-registry.ts';
import { writeLayout } from '../../testing/image-archives.ts';
import { type MadeEntry, madeImage } from '../../testing/made-image.ts';
import { needsRoot } from '../../testing/needs-root.ts';
import { openImageStore } from '../../testing/open-image-store.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';

const BUSYBOX = '/bin/busybox';
const test = needsRoot([...registryPrograms, 'busybox', 'unshare', 'mount']) ? anyTest : anyTest.skip;

/** A real system: a static program, many links to it, and a layer that changes and takes away. */
function busyboxLayers(): readonly (readonly MadeEntry[])[] {
  const applets = ['sh', 'ls', 'cat', 'echo', 'id'];
  return [
    [
      ...['bin', 'etc', 'tmp'].map((name): MadeEntry => ({ name: `${name}/`, type: 'directory' })),
      { name: 'bin/busybox', mode: 0o755, content: readFileSync(BUSYBOX) },
      ...applets.map((name): MadeEntry => ({ name: `bin/${name}`, type: 'hardlink', target: 'bin/busybox' })),
      { name: 'etc/old', content: 'old' },
      { name: 'etc/motd', content: 'one' },
    ],
    [{ name: 'etc/.wh.old' }, { name: 'etc/motd', content: 'two' }],
  ];
}

/** What a shell in the image prints. */
function run(layers: readonly string[], script: string): string {
  const lower = [...layers].reverse().join(':');
  const all = `mount -t overlay overlay -o ro,lowerdir=${lower} /mnt && exec chroot /mnt /bin/sh -c "$1"`;
  const { stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-ec', all, 'sh', script], {
    encoding: 'utf8',
    env: toolEnvironment(),
  });
  return `${stdout}${stderr}`;
}

async function pushed(t: ExecutionContext, ...flags: readonly string[]): Promise<string> {
  const host = await dockerRegistry(t);
  const layout = join(await temporaryDirectory(t), 'layout');
  mkdirSync(layout);
  writeLayout(layout, madeImage(busyboxLayers()), null);
  skopeoCopy(`oci:${layout}`, `docker://${host}/team/busybox:1`, ...flags);
  return host;
}

const pushes: Readonly<Record<string, readonly string[]>> = {
  "OCI's form": [],
  "Docker's form": ['--format', 'v2s2'],
  'layers packed as zstd': ['--dest-compress-format', 'zstd'],
};
for (const [title, flags] of Object.entries(pushes)) {
  test(`an image comes from Docker's registry and runs: ${title}`, async (t) => {
    const host = await pushed(t, ...flags);
    const { store } = await openImageStore(t, { insecure: [host] });
    const verdict = await store.ensure(`${host}/team/busybox:1`, { policy: 'Always' });
    t.true(verdict.ok, JSON.stringify(verdict));
    const { layers } = await store.root(`${host}/team/busybox:1`);
    t.is(run(layers, 'cat /etc/motd; ls /etc; id -u'), 'twomotd\n0\n');
  });
}

test('archives that skopeo writes of it are imported, and run', async (t) => {
  const host = await pushed(t);
  const directory = await temporaryDirectory(t);
  for (const form of ['oci-archive', 'docker-archive'] as const) {
    const file = join(directory, `${form}.tar`);
    skopeoCopy(`docker://${host}/team/busybox:1`, `${form}:${file}:example.com/${form}:2`);
    const { store } = await openImageStore(t);
    t.deepEqual(
      (await store.importFile(file)).map(({ names }) => names),
      [[`example.com/${form}:2`]],
    );
    t.is(run((await store.root(`example.com/${form}:2`)).layers, 'cat /etc/motd'), 'two');
  }
});

test("what Docker's registry does not have is not found", async (t) => {
  const host = await dockerRegistry(t);
  const { store } = await openImageStore(t, { insecure: [host] });
  const verdict = await store.ensure(`${host}/team/nothing:1`, { policy: 'IfNotPresent' });
  t.like(verdict, { ok: false, reason: 'ErrImagePull' });
  t.regex(verdict.ok ? '' : verdict.message, /not found/);
});
