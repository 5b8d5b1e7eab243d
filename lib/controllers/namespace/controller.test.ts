import test from 'ava';
import { secondMs } from '../../base/clock.ts';
import { controlPlane } from '../../testing/control-plane.ts';

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
