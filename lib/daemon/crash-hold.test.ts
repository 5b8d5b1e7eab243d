import test from 'ava';
import { crashEverywhere } from '../testing/crash-suite.ts';
import { simulatedManifest } from '../testing/simulated-manifest.ts';

const good = simulatedManifest({ replicas: 2, deadlineSeconds: 10 });
/** Its pods never become ready. */
const bad = simulatedManifest({
  replicas: 2,
  deadlineSeconds: 10,
  version: 'two',
  behaviour: { readyAfterMs: 1_000_000_000 },
});

test('a rollout that fails is taken back, whatever call of a port the daemon dies at', async (t) => {
  t.timeout(120_000);
  await crashEverywhere(t, {
    before: [{ 'web.yaml': good }],
    act: (world) => world.push({ 'web.yaml': bad }),
    settled: (commit) => (report) =>
      report.revision === commit && report.holds[0]?.mode === 'hold' && report.health === 'Healthy',
    podsMax: 3,
    readyMin: 2,
  });
});

test('a rollout that fails is taken back by a commit, whatever call of a port the daemon dies at', async (t) => {
  t.timeout(120_000);
  await crashEverywhere(t, {
    settings: { policy: 'commit' },
    before: [{ 'web.yaml': good }],
    act: (world) => world.push({ 'web.yaml': bad }),
    settled: (commit) => (report) =>
      report.revision !== commit &&
      report.headSubject.startsWith('Take back') &&
      report.holds.length === 0 &&
      report.sync === 'Synced' &&
      report.health === 'Healthy',
    podsMax: 3,
    readyMin: 2,
    // What is live may come from the hold or from the commit that says the same.
    alike: [
      [/"changed":[02]/g, '"changed":"either"'],
      [/"applied":\{"commit":"[^"]*"/g, '"applied":{"commit":"either"'],
      [/"good":(?:"applied"|\{"commit":"[^"]*".*?\}\}\})/g, '"good":"either"'],
    ],
  });
});
