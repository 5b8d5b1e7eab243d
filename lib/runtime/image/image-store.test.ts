import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import anyTest from 'ava';
import { timings } from '../../base/limits.ts';
import { manualClock } from '../../base/manual-clock.ts';
import { FakeRegistry } from '../../testing/fake-registry.ts';
import { type MadeEntry, madeImage, madeIndex } from '../../testing/made-image.ts';
import { needsRoot } from '../../testing/needs-root.ts';
import { openImageStore } from '../../testing/open-image-store.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { until } from '../../testing/until.ts';

const test = needsRoot(['tar', 'unshare', 'mount']) ? anyTest : anyTest.skip;
const ALWAYS = { policy: 'Always' };
const IF_NOT_PRESENT = { policy: 'IfNotPresent' };
const hello: readonly MadeEntry[] = [{ name: 'hello', mode: 0o755, content: '#!/bin/sh' }];
const motd: readonly MadeEntry[] = [
  { name: 'etc/', type: 'directory' },
  { name: 'etc/motd', content: 'hello\n' },
];

for (const packing of ['plain', 'gzip', 'zstd'] as const) {
  test(`an image is pulled, unpacked and described: ${packing}`, async (t) => {
    const registry = await FakeRegistry.start(t);
    const image = madeImage([motd, hello], { packing, docker: packing === 'gzip' });
    registry.put('team/app:1', image);
    const { store } = await openImageStore(t, { insecure: [registry.host] });
    const verdict = await store.ensure(`${registry.host}/team/app:1`, IF_NOT_PRESENT);
    t.like(verdict, { ok: true, imageId: `${registry.host}/team/app@${image.digest}` });
    const root = await store.root(verdict.ok ? verdict.imageId : '');
    t.is(root.layers.length, 2);
    t.is(readFileSync(join(root.layers[0] ?? '', 'etc/motd'), 'utf8'), 'hello\n');
    t.deepEqual(readdirSync(root.layers[1] ?? ''), ['hello']);
    t.like(root.config, { cmd: ['/hello'], env: [['PATH', '/bin']] });
  });
}

test('policies: Never pulls nothing, IfNotPresent once, Always asks each time and takes what is there', async (t) => {
  const registry = await FakeRegistry.start(t);
  const name = `${registry.host}/app`;
  registry.put('app', madeImage([hello]));
  const { store } = await openImageStore(t, { insecure: [registry.host] });
  t.like(await store.ensure(name, { policy: 'Never' }), { ok: false, reason: 'ErrImageNeverPull' });
  t.is(registry.requests.length, 0);
  t.true((await store.ensure(name, IF_NOT_PRESENT)).ok);
  const asked = registry.requests.length;
  t.true((await store.ensure(name, IF_NOT_PRESENT)).ok);
  t.true((await store.ensure(name, { policy: 'Never' })).ok);
  t.is(registry.requests.length, asked);
  const newer = madeImage([hello, motd]);
  registry.put('app', newer);
  t.like(await store.ensure(name, ALWAYS), { ok: true, imageId: `${name}@${newer.digest}` });
  const blobs = registry.requests.slice(asked).filter((request) => request.includes('/blobs/'));
  t.is(blobs.length, 2, 'the configuration and the new layer, not the layer that is there');
  t.is((await store.list()).filter(({ names }) => names.length === 1).length, 1, 'the name means one image');
});

test('many callers of one image share a pull; images share layers, even while both are made', async (t) => {
  const registry = await FakeRegistry.start(t);
  registry.put('a', madeImage([motd, hello]));
  registry.put('b', madeImage([motd, [{ name: 'other', content: 'x' }]]));
  const { store, directory } = await openImageStore(t, { insecure: [registry.host] });
  const names = ['a', 'a', 'b', 'a', 'b'].map((name) => `${registry.host}/${name}`);
  const verdicts = await Promise.all(names.map((name) => store.ensure(name, IF_NOT_PRESENT)));
  t.true(verdicts.every(({ ok }) => ok));
  t.is(registry.requests.filter((request) => request.endsWith('/a/manifests/latest')).length, 1);
  const [a, b] = await Promise.all(['a', 'b'].map((name) => store.root(`${registry.host}/${name}`)));
  t.is(a?.layers[0], b?.layers[0]);
  t.is(readdirSync(join(directory, 'layers')).length, 3);
});

test('an index gives the image of the platform; a digest gives what it says', async (t) => {
  const registry = await FakeRegistry.start(t);
  const [amd, arm] = [
    madeImage([hello], { platform: { os: 'linux', architecture: 'amd64' } }),
    madeImage([motd], { platform: { os: 'linux', architecture: 'arm64' } }),
  ];
  registry.put('app:amd', amd);
  registry.put('app:arm', arm);
  const index = madeIndex([
    ['windows/amd64', amd],
    ['linux/amd64', amd],
    ['linux/arm64/v8', arm],
  ]);
  registry.putManifest('app', 'latest', index.bytes);
  registry.putManifest('app', index.digest, index.bytes);
  const platform = { os: 'linux', architecture: 'arm64', variant: 'v8' };
  const { store } = await openImageStore(t, { insecure: [registry.host], settings: { platform } });
  const name = `${registry.host}/app`;
  t.like(await store.ensure(name, IF_NOT_PRESENT), { ok: true, imageId: `${name}@${index.digest}` });
  t.is((await store.root(name)).imageId, arm.imageId);
  t.like(await store.ensure(`${name}@${index.digest}`, IF_NOT_PRESENT), {
    ok: true,
    imageId: `${name}@${index.digest}`,
  });
  t.like(await store.ensure(`${name}:amd`, IF_NOT_PRESENT), { ok: false, reason: 'ErrImagePull' });
  const s390 = await openImageStore(t, {
    insecure: [registry.host],
    settings: { platform: { os: 'linux', architecture: 's390x', variant: '' } },
  });
  t.regex(JSON.stringify(await s390.store.ensure(name, IF_NOT_PRESENT)), /no match for platform/);
});

test('a store that is opened again has what it had; what a dead process left half is gone', async (t) => {
  const registry = await FakeRegistry.start(t);
  registry.put('app', madeImage([motd, hello]));
  const { store, directory, again } = await openImageStore(t, { insecure: [registry.host] });
  await store.ensure(`${registry.host}/app`, IF_NOT_PRESENT);
  const before = await store.list();
  await store.close();
  mkdirSync(join(directory, 'layers', 'half', 'etc'), { recursive: true });
  mkdirSync(join(directory, 'work', 'left'));
  writeFileSync(join(directory, 'images.json.next'), '{"version":1,"ima');
  const next = again();
  await next.open();
  t.teardown(() => next.close());
  t.deepEqual(await next.list(), before);
  t.deepEqual(readdirSync(join(directory, 'work')), []);
  t.is(readdirSync(join(directory, 'layers')).length, 2);
  t.true((await next.ensure(`${registry.host}/app`, { policy: 'Never' })).ok);
});

test('a layer that lost its directory, or that a machine which lost its power may not have written, is not relied on', async (t) => {
  const registry = await FakeRegistry.start(t);
  registry.put('app', madeImage([motd, hello]));
  const { store, directory, again } = await openImageStore(t, { insecure: [registry.host] });
  await store.ensure(`${registry.host}/app`, IF_NOT_PRESENT);
  await store.close();
  const file = join(directory, 'images.json');
  const index = JSON.parse(readFileSync(file, 'utf8'));
  index.layers[1].unsyncedBoot = 'another';
  writeFileSync(file, JSON.stringify(index));
  const next = again();
  await next.open();
  t.teardown(() => next.close());
  t.like(await next.ensure(`${registry.host}/app`, { policy: 'Never' }), { ok: false });
  t.true((await next.ensure(`${registry.host}/app`, IF_NOT_PRESENT)).ok);
});

test('an image is removed by its last name, with the layers that no other has, unless containers use it', async (t) => {
  const registry = await FakeRegistry.start(t);
  registry.put('a', madeImage([motd, hello]));
  registry.put('b', madeImage([motd]));
  const used = new Set<string>();
  const { store, directory } = await openImageStore(t, {
    insecure: [registry.host],
    inUse: async () => used,
  });
  const [a, b] = [`${registry.host}/a`, `${registry.host}/b`];
  await Promise.all([a, b].map((name) => store.ensure(name, IF_NOT_PRESENT)));
  used.add(`${a}:latest`);
  await t.throwsAsync(store.remove(a), { code: 'IMAGE_IN_USE' });
  used.clear();
  t.like(await store.remove(a), { removed: true });
  t.is(readdirSync(join(directory, 'layers')).length, 1);
  await t.throwsAsync(store.root(a), { code: 'IMAGE_NOT_FOUND' });
  t.is((await store.root(b)).layers.length, 1);
  await t.throwsAsync(store.remove('nothing'), { code: 'IMAGE_NOT_FOUND' });
});

test('names that are none, and the image of the machine', async (t) => {
  const { store } = await openImageStore(t);
  t.like(await store.ensure('UPPER', IF_NOT_PRESENT), { ok: false, reason: 'InvalidImageName' });
  t.like(await store.ensure('host:1', ALWAYS), { ok: true, imageId: 'host' });
  const root = await store.root('host');
  t.is(root.kind, 'host');
  t.true(root.kind === 'host' && root.binds.some(({ to }) => to === '/usr'));
});

test('a disk that is full in the middle of a layer: the pull fails, and what it had written is gone', async (t) => {
  const registry = await FakeRegistry.start(t);
  registry.put('big', madeImage([[{ name: 'big', content: Buffer.alloc(24 * 1024 * 1024, 1) }]]));
  registry.put('small', madeImage([hello]));
  const base = await temporaryDirectory(t);
  t.is(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', base]).status, 0);
  t.teardown(() => void spawnSync('umount', ['-l', base]));
  const { store, directory } = await openImageStore(t, {
    insecure: [registry.host],
    directory: join(base, 'images'),
  });
  const verdict = await store.ensure(`${registry.host}/big`, IF_NOT_PRESENT);
  t.like(verdict, { ok: false, reason: 'ErrImagePull' });
  t.regex(JSON.stringify(verdict), /no space is left/);
  t.deepEqual(readdirSync(join(directory, 'layers')), []);
  t.true((await store.ensure(`${registry.host}/small`, IF_NOT_PRESENT)).ok);
});

test('a store that is closed ends the pull that hangs, and leaves nothing', async (t) => {
  const registry = await FakeRegistry.start(t);
  registry.put('app', madeImage([hello]));
  const asked = Promise.withResolvers<void>();
  registry.misbehave = (_request, _response, url) => {
    if (!url.pathname.includes('/blobs/')) return false;
    asked.resolve();
    return true;
  };
  const { store, directory } = await openImageStore(t, { insecure: [registry.host] });
  const pulling = store.ensure(`${registry.host}/app`, IF_NOT_PRESENT);
  await asked.promise;
  await store.close();
  t.like(await pulling, { ok: false, reason: 'ErrImagePull' });
  t.deepEqual([readdirSync(join(directory, 'layers')), readdirSync(join(directory, 'work'))], [[], []]);
});

test('garbage: on a full disk what no container has goes, and its layers; later than two minutes', async (t) => {
  const registry = await FakeRegistry.start(t);
  registry.put('used', madeImage([motd, hello]));
  registry.put('unused', madeImage([motd, [{ name: 'only', content: 'here' }]]));
  const clock = manualClock();
  const [used, unused] = [`${registry.host}/used`, `${registry.host}/unused`];
  let availableBytes = 900;
  const { store, directory } = await openImageStore(t, {
    insecure: [registry.host],
    clock,
    inUse: async () => new Set([used]),
    diskUse: async () => ({ capacityBytes: 1_000, availableBytes }),
  });
  for (const name of [used, unused]) t.true((await store.ensure(name, IF_NOT_PRESENT)).ok);
  t.deepEqual((await store.collectGarbage()).removed, []);
  availableBytes = 50;
  t.deepEqual((await store.collectGarbage()).removed, [], 'too young');
  // Its own timer looks every five minutes.
  await clock.run(timings.imageGarbagePeriodMs);
  await until(async () => (await store.list()).length === 1, { what: 'the unused image has gone' });
  t.deepEqual(
    (await store.list()).flatMap(({ names }) => names),
    [`${used}:latest`],
  );
  await until(() => readdirSync(join(directory, 'layers')).length === 2, { what: 'its layer has gone' });
});
