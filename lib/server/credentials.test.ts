import { createHash, generateKeyPairSync } from 'node:crypto';
import { type ConnectionOptions, connect } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { minuteMs } from '../base/clock.ts';
import type { JsonObject } from '../base/json.ts';
import { timings } from '../base/limits.ts';
import { manualClock } from '../base/manual-clock.ts';
import { seededRandom } from '../base/random.ts';
import { rawConnection } from '../testing/raw-connection.ts';
import { type ServedApi, servedApi } from '../testing/served-api.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { until } from '../testing/until.ts';
import { AUTHORITY, type Certificates, loadCertificates } from './certificates/certificates.ts';
import { issueCertificate } from './certificates/issue-certificate.ts';

const hourFromNow = (hours: number): number => Date.now() + hours * 60 * minuteMs;

/** A client's certificate that the API's authority signed, for a time of our choosing. */
function clientCertificate(
  { authority }: Certificates,
  of: { readonly from: number; readonly to: number; readonly use?: 'client' | 'server' },
): { readonly cert: string; readonly key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { privateKey: issuerKey } = authority;
  const cert = issueCertificate(
    { subject: AUTHORITY, privateKey: issuerKey },
    {
      subject: { commonName: 'ann', organizations: ['system:masters'] },
      publicKey,
      use: of.use ?? 'client',
      notBeforeMs: hourFromNow(of.from),
      notAfterMs: hourFromNow(of.to),
      serial: createHash('sha256').update(`${of.from}`).digest().subarray(0, 8),
    },
  );
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** The first line of the answer to a list of pods over a connection with these credentials; '' where there is none. */
async function firstLine(t: ExecutionContext, api: ServedApi, options: ConnectionOptions): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect({
    ...{ host: '127.0.0.1', port: api.server.port, servername: 'localhost' },
    ...{ ca: api.certificates.authority.certificatePem, ...options },
  });
  t.teardown(() => socket.destroy());
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    if (text.includes('\r\n')) resolve(text.split('\r\n')[0] ?? '');
  });
  socket.on('error', () => resolve(''));
  socket.on('close', () => resolve(text));
  socket.write('GET /api/v1/pods HTTP/1.1\r\nhost: a\r\n\r\n');
  return promise;
}

test('a certificate is good for its time and its use, from our authority only', async (t) => {
  const api = await servedApi(t);
  const { certificates } = api;
  const other = loadCertificates({
    ...{ dataDirectory: await temporaryDirectory(t), names: ['localhost'], now: Date.now() },
    random: seededRandom(3),
  });
  const rows = [
    { title: 'valid now', ...clientCertificate(certificates, { from: -1, to: 1 }), line: /^HTTP\/1\.1 200 / },
    { title: 'expired', ...clientCertificate(certificates, { from: -2, to: -1 }), line: /^HTTP\/1\.1 401 / },
    {
      title: 'not valid yet',
      ...clientCertificate(certificates, { from: 1, to: 2 }),
      line: /^HTTP\/1\.1 401 /,
    },
    {
      title: "a server's",
      ...clientCertificate(certificates, { from: -1, to: 1, use: 'server' }),
      line: /^HTTP\/1\.1 401 /,
    },
    {
      title: "another authority's",
      ...{ cert: other.admin.certificatePem, key: other.admin.keyPem },
      line: /^HTTP\/1\.1 401 /,
    },
    { title: 'none', line: /^HTTP\/1\.1 401 / },
  ];
  for (const { title, line, ...credentials } of rows)
    t.regex(await firstLine(t, api, credentials), line, title);
  const wrongServer = await firstLine(t, api, { ca: other.authority.certificatePem });
  t.is(wrongServer, '', 'a client that trusts another authority does not speak to us');
});

test('a connection does not outlive the certificate it began with', async (t) => {
  const clock = manualClock(Date.now());
  const api = await servedApi(t, { clock });
  const { cert, key } = clientCertificate(api.certificates, { from: -1, to: 1 });
  const one = rawConnection(t, api, { cert, key });
  const ask = async (line: RegExp): Promise<void> => {
    const before = one.text().length;
    one.socket.write('GET /api/v1/pods HTTP/1.1\r\nhost: a\r\n\r\n');
    await until(() => one.text().includes('\r\n', before), { what: 'an answer' });
    t.regex(one.text().slice(before), line);
  };
  await ask(/^HTTP\/1\.1 200 /);
  clock.advance(59 * minuteMs);
  await ask(/^HTTP\/1\.1 200 /);
  clock.advance(2 * minuteMs);
  await ask(/^HTTP\/1\.1 401 /);
});

test('a renewed certificate is shown without a restart, and who is connected stays so', async (t) => {
  const clock = manualClock();
  const random = seededRandom(9);
  const dataDirectory = await temporaryDirectory(t);
  let names = ['localhost', '127.0.0.1'];
  const certificates = (): Certificates =>
    loadCertificates({ dataDirectory, names, now: Date.now(), random });
  const api = await servedApi(t, { clock, certificates });
  const shownSerial = async (): Promise<string> => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const socket = connect({
      ...{ host: '127.0.0.1', port: api.server.port, servername: 'localhost' },
      ca: api.certificates.authority.certificatePem,
    });
    socket.on('secureConnect', () => resolve(socket.getPeerCertificate().serialNumber));
    socket.on('error', reject);
    return promise.finally(() => socket.destroy());
  };
  const before = await shownSerial();
  const watch = api.watch('/api/v1/namespaces?watch=1&resourceVersion=0&timeoutSeconds=360000');
  names = [...names, 'renewed.example.com'];
  t.is(await shownSerial(), before, 'it is looked at from time to time only');
  clock.advance(timings.certificateCheckMs);
  t.not(await shownSerial(), before);
  t.is((await api.ask('GET /api/v1/pods')).code, 200);
  t.false(watch.ended());
  watch.close();
});

test('a token is good until its time is up, or what it is bound to is gone', async (t) => {
  const clock = manualClock(Date.now());
  const api = await servedApi(t, { clock });
  const pods = '/api/v1/namespaces/default/pods';
  const pod = { metadata: { name: 'web' }, spec: { containers: [{ name: 'a', image: 'a:1' }] } };
  const token = async (spec: JsonObject): Promise<Record<string, string>> => {
    const { body, code, text } = await api.ask(
      'POST /api/v1/namespaces/default/serviceaccounts/default/token',
      { body: { spec } },
    );
    t.is(code, 201, text);
    return { authorization: `Bearer ${String((body.status as JsonObject).token)}` };
  };
  // Who it is is known, and may do nothing: 403. Who is nobody: 401.
  const codeOf = async (headers: Record<string, string>): Promise<number> =>
    (await api.ask(`GET ${pods}`, { bare: true, headers })).code;
  await api.ask(`POST ${pods}`, { body: pod });
  const bound = await token({ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'web' } });
  const short = await token({ expirationSeconds: 600 });
  const elsewhere = await token({ audiences: ['https://elsewhere.example.com'] });
  t.deepEqual(await Promise.all([bound, short, elsewhere].map(codeOf)), [403, 403, 401]);
  const forged = { authorization: `${bound.authorization?.slice(0, -4)}AAAA` };
  t.is(await codeOf(forged), 401);
  await api.ask(`DELETE ${pods}/web`, { body: { gracePeriodSeconds: 0 } });
  t.is(await codeOf(bound), 401);
  await api.ask(`POST ${pods}`, { body: pod });
  t.is(await codeOf(bound), 401, 'another pod of the same name is another pod');
  clock.advance(11 * minuteMs);
  t.is(await codeOf(short), 401);
});
