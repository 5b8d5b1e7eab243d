import { X509Certificate } from 'node:crypto';
import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { timings } from '../../base/limits.ts';
import { seededRandom } from '../../base/random.ts';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { expiresSoon, loadCertificates, pkiDirectory } from './certificates.ts';

const now = Date.parse('2026-03-01T12:00:00Z');
const names = ['localhost', '127.0.0.1', '::1', 'kubernetes.default.svc', 'fd00::12:3'];

test('certificates chain to the authority, carry their names and groups, and stay the same', async (t) => {
  const dataDirectory = await temporaryDirectory(t);
  const first = loadCertificates({ dataDirectory, names, now, random: seededRandom(1) });
  const { authority, server, admin } = first;
  for (const { certificate } of [authority, server, admin]) {
    t.true(certificate.verify(authority.certificate.publicKey));
    t.is(certificate.issuer, 'CN=pintle-ca');
  }
  t.true(authority.certificate.ca);
  t.false(server.certificate.ca);
  t.true(server.certificate.checkIssued(authority.certificate));
  t.is(server.certificate.checkHost('kubernetes.default.svc'), 'kubernetes.default.svc');
  t.is(server.certificate.checkHost('kubernetes.other.svc'), undefined);
  for (const address of ['127.0.0.1', '::1', 'fd00::12:3'])
    t.truthy(server.certificate.checkIP(address), address);
  t.deepEqual(server.certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  t.is(admin.certificate.subject, 'O=system:masters\nCN=pintle-admin');
  t.is(Date.parse(server.certificate.validTo), now + timings.certificateLifetimeMs);

  const again = loadCertificates({ dataDirectory, names, now: now + 1000, random: seededRandom(2) });
  t.is(again.server.certificatePem, server.certificatePem);
  t.is(again.authority.certificatePem, authority.certificatePem);
  t.true(again.tokenKey.equals(first.tokenKey));
  const directory = pkiDirectory(dataDirectory);
  t.deepEqual(
    readdirSync(directory).map((file) => [file, statSync(join(directory, file)).mode & 0o777]),
    ['admin.pem', 'apiserver.pem', 'ca.pem', 'service-account.pem'].map((file) => [file, 0o600]),
  );
});

test('a leaf is renewed before it expires, when it gets a new name, and when the clock was wrong', async (t) => {
  const dataDirectory = await temporaryDirectory(t);
  const load = (options: { readonly at?: number; readonly also?: string } = {}) =>
    loadCertificates({
      dataDirectory,
      names: options.also === undefined ? names : [...names, options.also],
      now: options.at ?? now,
      random: seededRandom(options.at ?? 1),
    });
  const first = load();
  const late = now + timings.certificateLifetimeMs - timings.certificateRenewalMs + 1000;
  t.true(expiresSoon(first.server.certificate, late));
  const renewed = load({ at: late });
  t.not(renewed.server.certificatePem, first.server.certificatePem);
  t.not(renewed.admin.certificatePem, first.admin.certificatePem);
  t.is(renewed.authority.certificatePem, first.authority.certificatePem);
  t.false(expiresSoon(renewed.server.certificate, late));
  const named = load({ at: late, also: 'box.example' });
  t.is(named.server.certificate.checkHost('box.example'), 'box.example');
  t.is(named.admin.certificatePem, renewed.admin.certificatePem);
  t.not(load({ at: now }).admin.certificatePem, renewed.admin.certificatePem, 'not valid yet');
});

test('a file that is no credential is said by its path and left alone', async (t) => {
  const dataDirectory = await temporaryDirectory(t);
  loadCertificates({ dataDirectory, names, now, random: seededRandom(1) });
  const path = join(pkiDirectory(dataDirectory), 'ca.pem');
  chmodSync(path, 0o600);
  writeFileSync(path, 'nothing');
  const failure = t.throws(() => loadCertificates({ dataDirectory, names, now, random: seededRandom(1) }));
  t.like(failure, { code: 'CREDENTIAL_UNREADABLE', data: { path } });
});

test('names and times of any length are encoded', async (t) => {
  const dataDirectory = await temporaryDirectory(t);
  const long = `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.example`;
  const far = Date.parse('2061-01-01T00:00:00Z');
  const { server, authority } = loadCertificates({
    dataDirectory,
    names: [long, ...Array.from({ length: 200 }, (_, at) => `name-${at}.example`)],
    now: far,
    random: seededRandom(1),
  });
  const read = new X509Certificate(server.certificatePem);
  t.is(read.checkHost(long), long);
  t.is(read.checkHost('name-199.example'), 'name-199.example');
  t.is(Date.parse(authority.certificate.validFrom), far - timings.certificateBackdateMs);
});
