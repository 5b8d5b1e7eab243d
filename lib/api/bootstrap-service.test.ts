import test from 'ava';
import { ref, tester } from '../testing/client-contract.ts';
import { localApi } from '../testing/local-api.ts';
import { bootstrapService } from './bootstrap-service.ts';
import type { PodAccess } from './pod-access.ts';

const access = (port: number, servicePorts: readonly number[]): PodAccess => ({
  ...{ rootCertificate: 'PEM', address: '127.0.0.1', port, servicePorts },
  issueToken: () => ({ token: '', issuedMs: 0, expiresMs: 0 }),
});
const slice = { ...ref('EndpointSlice', 'kubernetes'), group: 'discovery.k8s.io' };

test('default/kubernetes leads to the API, where it listens now, at the port pods were told at first', async (t) => {
  const { client, store } = await localApi();
  await bootstrapService(client, access(6_000, [443]));
  t.like(await client.get(ref('Service', 'kubernetes'), tester), {
    metadata: { labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      clusterIP: '127.96.0.1',
      type: 'ClusterIP',
      ports: [{ name: 'https', port: 443, targetPort: 6_000 }],
    },
  });
  t.like(await client.get(ref('Endpoints', 'kubernetes'), tester), {
    subsets: [{ addresses: [{ ip: '127.0.0.1' }], ports: [{ name: 'https', port: 6_000 }] }],
  });
  const before = store.revision();
  await bootstrapService(client, access(6_000, [443]));
  t.is(store.revision(), before, 'nothing is written that is there');
  await bootstrapService(client, access(7_000, [6_443]));
  t.like(await client.get(ref('Service', 'kubernetes'), tester), {
    spec: { clusterIP: '127.96.0.1', ports: [{ port: 443, targetPort: 7_000 }] },
  });
  t.like(await client.get(slice, tester), {
    endpoints: [{ addresses: ['127.0.0.1'] }],
    ports: [{ port: 7_000 }],
  });
});
