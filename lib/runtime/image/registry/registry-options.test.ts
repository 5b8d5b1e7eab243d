import test from 'ava';
import { allowsPlain, endpointsOf, noRegistryOptions, parseRegistryOptions } from './registry-options.ts';

test('mirrors are asked before the registry, each of the registry it is for', (t) => {
  const options = parseRegistryOptions({
    mirrors: ['https://m.example', 'quay.io=http://box:5000'],
    insecure: ['lab:5000'],
  });
  t.deepEqual(endpointsOf('docker.io', options), [
    { origin: 'https://m.example', registry: 'm.example' },
    { origin: 'https://registry-1.docker.io', registry: 'docker.io' },
  ]);
  t.deepEqual(
    endpointsOf('quay.io', options).map(({ origin }) => origin),
    ['http://box:5000', 'https://quay.io'],
  );
  t.deepEqual(
    endpointsOf('lab:5000', options).map(({ origin }) => origin),
    ['http://lab:5000'],
  );
  t.deepEqual(
    endpointsOf('lab', noRegistryOptions).map(({ origin }) => origin),
    ['https://lab'],
  );
});

const plain: Readonly<Record<string, { readonly url: string; readonly allowed: boolean }>> = {
  'a registry that was named': { url: 'http://lab:5000/v2/', allowed: true },
  'another port of it': { url: 'http://lab:5001/v2/', allowed: false },
  'a mirror over plain http': { url: 'http://box:5000/x', allowed: true },
  'a mirror over https': { url: 'http://m.example/x', allowed: false },
  nobody: { url: 'http://169.254.169.254/', allowed: false },
};
for (const [title, { url, allowed }] of Object.entries(plain)) {
  test(`plain http is for those named: ${title}`, (t) => {
    const options = parseRegistryOptions({
      mirrors: ['https://m.example', 'quay.io=http://box:5000'],
      insecure: ['lab:5000'],
    });
    t.is(allowsPlain(new URL(url), options), allowed);
  });
}

for (const flag of [
  'mirror.example',
  'https://m.example/path',
  'ftp://m.example',
  'https://u:p@m.example',
  'a b=https://m.example',
  '',
]) {
  test(`no mirror: ${JSON.stringify(flag)}`, (t) =>
    void t.throws(() => parseRegistryOptions({ mirrors: [flag], insecure: [] }), { code: 'USAGE' }));
}
for (const flag of ['http://lab', 'lab/path', '', 'a b', 'lab:port']) {
  test(`no registry: ${JSON.stringify(flag)}`, (t) =>
    void t.throws(() => parseRegistryOptions({ mirrors: [], insecure: [flag] }), { code: 'USAGE' }));
}
