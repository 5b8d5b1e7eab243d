import test from 'ava';
import { BEHAVIOUR_ANNOTATION } from '../runtime/simulated/simulated-behaviour.ts';
import { crashEverywhere } from '../testing/crash-suite.ts';
import { healthyAt } from '../testing/simulated-world.ts';

const migration = `apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec:
  completions: 2
  parallelism: 1
  template:
    metadata:
      annotations: {${BEHAVIOUR_ANNOTATION}: '{"exitAfterMs": 3000, "terminationMessage": "done"}'}
    spec:
      restartPolicy: Never
      containers: [{name: migrate, image: host, command: [migrate]}]
`;

test('a Job runs its pods once each, whatever call of a port the daemon dies at', async (t) => {
  t.timeout(120_000);
  await crashEverywhere(t, {
    before: [],
    act: (world) => world.push({ 'migrate.yaml': migration }),
    settled: healthyAt,
    podsMax: 1,
    readyMin: 0,
    startsMax: 2,
  });
});
