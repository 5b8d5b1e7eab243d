import test from 'ava';
import { informers } from '../../api/informers.ts';
import { secondMs } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { manualClock } from '../../base/manual-clock.ts';
import { controlPlane } from '../../testing/control-plane.ts';
import { localApi } from '../../testing/local-api.ts';
import { runControllers } from '../harness/run-controllers.ts';
import { namespaceController } from './controller.ts';

const DEFAULT = { group: '', kind: 'ServiceAccount', namespace: 'default', name: 'default' };

test('a namespace gets its default ServiceAccount back', async (t) => {
  const plane = await controlPlane();
  const before = await plane.client.get(DEFAULT, plane.caller);
  await plane.client.delete(DEFAULT, {}, plane.caller);
  await plane.clock.run(secondMs);
  const after = await plane.client.get(DEFAULT, plane.caller);
  t.truthy(after);
  t.not(after?.metadata.uid, before?.metadata.uid);
  await plane.stop();
});

test('the certificate of a namespace is put back as it was', async (t) => {
  const clock = manualClock();
  const { client } = await localApi({ clock });
  const caller = { user: 'test', fieldManager: 'test' };
  const shared = informers(client, caller);
  const controllers = [namespaceController({ rootCertificate: 'PEM' })];
  const running = runControllers(controllers, { client, informers: shared, clock, log: silentLog() });
  const ref = { group: '', kind: 'ConfigMap', namespace: 'kube-system', name: 'kube-root-ca.crt' };
  await clock.run(secondMs);
  const made = await client.get(ref, caller);
  t.like(made, { data: { 'ca.crt': 'PEM' } }, 'a namespace from before has it');
  if (made !== null) await client.update({ ...made, data: { 'ca.crt': 'mine' } }, caller);
  await clock.run(secondMs);
  t.like(await client.get(ref, caller), { data: { 'ca.crt': 'PEM' } });
  await running.stop();
  shared.stop();
});
