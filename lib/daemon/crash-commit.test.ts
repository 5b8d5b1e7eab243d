import test from 'ava';
import { crashEverywhere } from '../testing/crash-suite.ts';
import { simulatedManifest } from '../testing/simulated-manifest.ts';
import { healthyAt } from '../testing/simulated-world.ts';

test('a first commit survives a crash at every call of a port', async (t) => {
  t.timeout(120_000);
  await crashEverywhere(t, {
    before: [],
    act: (world) => world.push({ 'web.yaml': simulatedManifest({ replicas: 2 }) }),
    settled: healthyAt,
    podsMax: 2,
    readyMin: 0,
  });
});

test('a commit that removes, scales and adds survives a crash at every call of a port', async (t) => {
  t.timeout(120_000);
  const other = simulatedManifest({ replicas: 1 })
    .replaceAll('name: web', 'name: other')
    .replaceAll('app: web', 'app: other');
  await crashEverywhere(t, {
    before: [{ 'web.yaml': simulatedManifest({ replicas: 3 }), 'other.yaml': other }],
    act: (world) =>
      world.push({
        'web.yaml': simulatedManifest({ replicas: 2 }),
        'other.yaml': null,
        'more.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n',
      }),
    settled: healthyAt,
    podsMax: 4,
    readyMin: 2,
  });
});
