import test from 'ava';
import { checkDns1123Label } from './names.ts';
import { templateHash } from './template-hash.ts';
import type { PodTemplateSpec } from './types.gen.ts';

const template: PodTemplateSpec = {
  metadata: { name: '', labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image: 'a' }], hostname: 'x' },
};
const hash = templateHash(template);

test('the hash is ten safe characters and does not change from release to release', (t) => {
  t.regex(hash, /^[bcdfghjklmnpqrstvwxz2456789]{10}$/);
  t.deepEqual(checkDns1123Label(hash), []);
  // A different value here would make every Deployment roll on upgrade.
  t.is(hash, 'tqp4bdscld');
});

test('the hash label and the order of keys do not count', (t) => {
  t.is(
    templateHash({ ...template, metadata: { name: '', labels: { 'pod-template-hash': hash, app: 'web' } } }),
    hash,
  );
  t.is(
    templateHash({
      spec: { hostname: 'x', containers: [{ image: 'a', name: 'web' }] },
      metadata: { name: '', labels: { app: 'web' } },
    }),
    hash,
  );
});

test('anything else counts, and so do collisions', (t) => {
  t.not(templateHash({ ...template, spec: { ...template.spec, hostname: 'y' } }), hash);
  t.not(templateHash(template, 1), hash);
  t.not(templateHash(template, 1), templateHash(template, 2));
});
