import { get } from 'node:https';
import test from 'ava';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import { localApi } from '../testing/local-api.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { startApiServer } from './api-server.ts';
import { loadCertificates } from './certificates/certificates.ts';
import { serverNames } from './certificates/server-names.ts';

test('pods are served at the address they know, under a certificate that names it', async (t) => {
  const [dataDirectory, random] = [await temporaryDirectory(t), seededRandom(1)];
  const gateway = '127.0.0.2';
  const names = serverNames({ address: '127.0.0.1', serviceAddress: '10.96.0.1', gateway });
  const certificates = loadCertificates({ dataDirectory, names, now: systemClock().now(), random });
  const { client } = await localApi();
  const server = await startApiServer({
    ...{ clock: systemClock(), random, log: silentLog(), address: '127.0.0.1', port: 0, alsoAt: gateway },
    backend: Promise.resolve({ client, nodes: { agent: () => undefined, all: () => [] } }),
    certificates: () => certificates,
  });
  t.teardown(() => server.close());
  const ca = certificates.authority.certificatePem;
  for (const host of ['127.0.0.1', gateway]) {
    const code = await new Promise((resolve, reject) => {
      get({ host, port: server.port, path: '/readyz', ca, agent: false }, ({ statusCode }) =>
        resolve(statusCode),
      ).on('error', reject);
    });
    t.is(code, 200, host);
  }
});
