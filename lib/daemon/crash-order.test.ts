import test from 'ava';
import { BEHAVIOUR_ANNOTATION } from '../runtime/simulated/simulated-behaviour.ts';
import { crashEverywhere } from '../testing/crash-suite.ts';
import { simulatedManifest } from '../testing/simulated-manifest.ts';
import { healthyAt } from '../testing/simulated-world.ts';

/** Before the application a migration, after it what warms it up. */
const inOrder = {
  'migrate.yaml': `apiVersion: batch/v1
kind: Job
metadata: {name: migrate, annotations: {pintle.dev/sync-wave: "-1"}}
spec:
  template:
    metadata:
      annotations: {${BEHAVIOUR_ANNOTATION}: '{"exitAfterMs": 3000, "terminationMessage": "done"}'}
    spec:
      restartPolicy: Never
      containers: [{name: migrate, image: host, command: [migrate]}]
`,
  'web.yaml': simulatedManifest({ replicas: 2 }),
  'after.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: after, annotations: {pintle.dev/depends-on: deploy/web}}\n',
  'last.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: last, annotations: {pintle.dev/sync-wave: "5"}}\n',
};

test('waves go on from the record, whatever call of a port the daemon dies at', async (t) => {
  t.timeout(120_000);
  await crashEverywhere(t, {
    before: [],
    act: (world) => world.push(inOrder),
    settled: healthyAt,
    podsMax: 3,
    readyMin: 0,
    startsMax: 3,
  });
});

const set = (policy: string, selector = 'db'): string => `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, annotations: {pintle.dev/replace: allowed}}
spec:
  replicas: 2
  serviceName: db
  podManagementPolicy: ${policy}
  selector: {matchLabels: {app: ${selector}}}
  template:
    metadata:
      labels: {app: ${selector}}
      annotations: {${BEHAVIOUR_ANNOTATION}: '{"readyAfterMs": 1000}'}
    spec:
      terminationGracePeriodSeconds: 2
      containers: [{name: db, image: host, command: [db]}]
`;

test('a replacement that leaves the pods is completed, and no pod stops, whatever call the daemon dies at', async (t) => {
  t.timeout(120_000);
  await crashEverywhere(t, {
    before: [{ 'db.yaml': set('OrderedReady') }],
    act: (world) => world.push({ 'db.yaml': set('Parallel') }),
    settled: healthyAt,
    podsMax: 2,
    readyMin: 2,
    startsMax: 2,
  });
});

test('a replacement whose pods are others is completed, and never both run, whatever call the daemon dies at', async (t) => {
  t.timeout(120_000);
  await crashEverywhere(t, {
    before: [{ 'db.yaml': set('Parallel') }],
    act: (world) => world.push({ 'db.yaml': set('Parallel', 'other') }),
    settled: healthyAt,
    podsMax: 2,
    readyMin: 0,
  });
});
