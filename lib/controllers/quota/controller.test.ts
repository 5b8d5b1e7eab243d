import test from 'ava';
import type { ResourceQuota } from '../../api/quota/resource-quota.ts';
import { minuteMs, secondMs } from '../../base/clock.ts';
import { controlPlane } from '../../testing/control-plane.ts';
import { quotaController } from './controller.ts';

const REF = { group: '', kind: 'ResourceQuota', namespace: 'default', name: 'most' };

test('what is deleted, and what has ended, gives its room back', async (t) => {
  const plane = await controlPlane({ controllers: [quotaController()], nodes: [] });
  const { client, caller, clock } = plane;
  const used = async (): Promise<unknown> => (await client.get<ResourceQuota>(REF, caller))?.status?.used;
  await plane.apply({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'most', namespace: 'default' },
    spec: {
      hard: { configmaps: '3', pods: '2', 'count/pods': '5', 'count/leases.coordination.k8s.io': '1' },
    },
  });
  await plane.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } });
  await plane.apply({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', namespace: 'default' },
    spec: { containers: [{ name: 'main', image: 'host' }] },
  });
  t.like(await used(), { configmaps: '1', pods: '1', 'count/pods': '1' });
  await client.delete({ group: '', kind: 'ConfigMap', namespace: 'default', name: 'a' }, {}, caller);
  const ended = { type: 'merge', patch: { status: { phase: 'Succeeded' } } } as const;
  const pod = { group: '', kind: 'Pod', namespace: 'default', name: 'a' };
  await client.patch(pod, ended, caller, { subresource: 'status' });
  await clock.run(2 * secondMs);
  t.like(await used(), { configmaps: '0', pods: '0', 'count/pods': '1' });

  const lease = { group: 'coordination.k8s.io', kind: 'Lease', namespace: 'default', name: 'a' };
  await plane.apply({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'a', namespace: 'default' },
    spec: {},
  });
  t.like(await used(), { 'count/leases.coordination.k8s.io': '1' });
  await client.delete(lease, {}, caller);
  await clock.run(2 * minuteMs);
  t.like(
    await used(),
    { 'count/leases.coordination.k8s.io': '0' },
    'kinds that are not watched are looked at now and then',
  );
  await plane.stop();
});
