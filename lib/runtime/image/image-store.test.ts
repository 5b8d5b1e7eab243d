import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { FakeRegistry } from '../../testing/fake-registry.ts';
import { madeImage } from '../../testing/made-image.ts';
import { openImageStore } from '../../testing/open-image-store.ts';

test('an image is pulled, unpacked and described', async (t) => {
  const registry = await FakeRegistry.start(t);
  const image = madeImage([
    [
      { name: 'etc/', type: 'directory' },
      { name: 'etc/motd', content: 'hello\n' },
    ],
    [{ name: 'hello', mode: 0o755, content: '#!/bin/sh' }],
  ]);
  registry.put('team/app:1', image);
  const { store } = await openImageStore(t, { insecure: [registry.host] });
  const verdict = await store.ensure(`${registry.host}/team/app:1`, { policy: 'IfNotPresent' });
  t.deepEqual(verdict, { ok: true, imageId: `${registry.host}/team/app@${image.digest}` });
  const root = await store.root(verdict.ok ? verdict.imageId : '');
  t.is(root.layers.length, 2);
  t.is(readFileSync(join(root.layers[0] ?? '', 'etc/motd'), 'utf8'), 'hello\n');
  t.deepEqual(readdirSync(root.layers[1] ?? ''), ['hello']);
  t.like(root.config, { cmd: ['/hello'], env: [['PATH', '/bin']] });
});
