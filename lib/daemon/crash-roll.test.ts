import test from 'ava';
import { crashEverywhere } from '../testing/crash-suite.ts';
import { simulatedManifest } from '../testing/simulated-manifest.ts';
import { healthyAt } from '../testing/simulated-world.ts';

test('a rollout survives a crash at every call of a port', async (t) => {
  t.timeout(120_000);
  await crashEverywhere(t, {
    before: [{ 'web.yaml': simulatedManifest({ replicas: 2 }) }],
    act: (world) => world.push({ 'web.yaml': simulatedManifest({ replicas: 2, version: 'two' }) }),
    settled: healthyAt,
    podsMax: 3,
    readyMin: 2,
  });
});
