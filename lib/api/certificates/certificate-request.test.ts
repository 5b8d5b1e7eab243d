import test from 'ava';
import fc from 'fast-check';
import { signingRequest } from '../../testing/signing-request.ts';
import { readCertificateRequest } from './certificate-request.ts';

for (const key of ['ec', 'rsa', 'ed25519'] as const) {
  test(`a request with a key of kind ${key} says who it is for`, (t) => {
    const { pem } = signingRequest({ commonName: 'ann', organizations: ['devs', 'größe'], key });
    const read = readCertificateRequest(pem);
    t.like(read, { request: { commonName: 'ann', organizations: ['devs', 'größe'] } });
  });
}

const wrong: Readonly<Record<string, string>> = {
  'no PEM': 'hello',
  'PEM of something else': '-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n',
  'no DER': '-----BEGIN CERTIFICATE REQUEST-----\naGVsbG8=\n-----END CERTIFICATE REQUEST-----\n',
  'what another key signed': signingRequest({ commonName: 'ann', forged: true }).pem,
  'a text without end': 'x'.repeat(1024 * 1024),
};
for (const [title, pem] of Object.entries(wrong)) {
  test(`${title} is no request`, (t) => t.true('wrong' in readCertificateRequest(pem)));
}

test('no bytes break the reader, and none that were changed are believed', (t) => {
  const { pem } = signingRequest({ commonName: 'ann' });
  const lines = pem.split('\n');
  const der = Buffer.from(lines.slice(1, -2).join(''), 'base64');
  fc.assert(
    fc.property(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = Buffer.from(der);
      changed[at] = (changed[at] ?? 0) ^ flip;
      const text = [lines[0], changed.toString('base64'), lines.at(-2)].join('\n');
      const read = readCertificateRequest(text);
      if ('wrong' in read) return;
      // Only how the signature is written can differ.
      t.is(read.request.commonName, 'ann');
    }),
  );
  t.pass();
});
