import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import anyTest from 'ava';
import { systemRandom } from '../../base/random.ts';
import { loadCertificates } from '../../server/certificates/certificates.ts';
import { FakeRegistry } from '../../testing/fake-registry.ts';
import { madeImage } from '../../testing/made-image.ts';
import { needsRoot } from '../../testing/needs-root.ts';
import { openImageStore } from '../../testing/open-image-store.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';

const test = needsRoot(['tar']) ? anyTest.serial : anyTest.serial.skip;

test('a registry over https is believed when the machine trusts who vouches for it', async (t) => {
  const dataDirectory = await temporaryDirectory(t);
  const { authority, server } = loadCertificates({
    dataDirectory,
    names: ['127.0.0.1'],
    now: Date.now(),
    random: systemRandom(),
  });
  const registry = await FakeRegistry.start(t, { key: server.keyPem, cert: server.certificatePem });
  registry.put('app', madeImage([[{ name: 'hello' }]]));
  const { store } = await openImageStore(t);
  const name = `${registry.host}/app`;
  const stranger = await store.ensure(name, { policy: 'IfNotPresent' });
  t.like(stranger, { ok: false, reason: 'ErrImagePull' });
  t.regex(stranger.ok ? '' : stranger.message, /certificate/);
  t.deepEqual(registry.requests, []);
  const file = join(dataDirectory, 'authority.pem');
  writeFileSync(file, authority.certificatePem);
  process.env.NODE_EXTRA_CA_CERTS = file;
  const trusted = await store.ensure(name, { policy: 'IfNotPresent' });
  t.true(trusted.ok, JSON.stringify(trusted));
});
