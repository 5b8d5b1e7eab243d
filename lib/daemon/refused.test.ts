import test from 'ava';
import { timings } from '../base/limits.ts';
import { person, simulatedWorld } from '../testing/simulated-world.ts';

const configMap = (name: string, namespace = 'default'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: ${namespace}}\ndata: {key: value}\n`;

test('what the API refuses is told with its answer, the rest is applied, and it is tried again by itself', async (t) => {
  const world = simulatedWorld();
  t.teardown(() => world.kill());
  await world.start();
  const many = Object.fromEntries(
    Array.from({ length: 120 }, (_, at) => [`n${at}.yaml`, configMap(`n${at}`, 'nowhere')]),
  );
  const commit = await world.push({ ...many, 'a.yaml': configMap('a') });
  const report = await world.until(
    ({ revision }) => revision === commit,
    'the sound part to be applied',
    10_000,
  );
  t.deepEqual([report.objects.length, report.blocked.length, report.counts.Missing], [121, 120, 120]);
  t.true(report.blocked.every(({ reason, detail }) => reason === 'refused' && detail.includes('nowhere')));
  t.is(report.sync, 'OutOfSync');
  // On a clock that stands still while a pass runs, a pass that asks for another at once would never end.
  await world.pass(2 * timings.passRetryMaxMs);
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'nowhere' } };
  await world.daemon().client.create(namespace, person);
  const later = await world.until(
    ({ sync }) => sync === 'Synced',
    'the rest to be applied',
    timings.passRetryMaxMs + 5_000,
  );
  t.deepEqual([later.blocked.length, later.counts.Healthy], [0, 121]);
});
