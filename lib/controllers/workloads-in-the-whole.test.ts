import test from 'ava';
import { hourMs, minuteMs } from '../base/clock.ts';
import type { CronJob, Deployment, HorizontalPodAutoscaler, Job, Pod } from '../schema/types.gen.ts';
import { person, type SimulatedWorld, simulatedWorld } from '../testing/simulated-world.ts';

/** Job, CronJob and autoscaler with a real node agent over a simulated machine, from a push on. */

function pods(behaviour: object, indent = ''): string {
  return [
    'template:',
    `  metadata: {labels: {of: x}, annotations: {simulated.pintle.dev/behaviour: '${JSON.stringify(behaviour)}'}}`,
    '  spec:',
    '    restartPolicy: Never',
    '    containers: [{name: main, image: host, command: [run], resources: {requests: {cpu: 100m}}}]',
  ]
    .map((line) => `${indent}${line}\n`)
    .join('');
}

const job = (name: string, spec: string, behaviour: object): string =>
  `apiVersion: batch/v1\nkind: Job\nmetadata: {name: ${name}, namespace: default}\nspec:\n${spec}${pods(behaviour, '  ')}`;

async function running(files: Readonly<Record<string, string>>): Promise<SimulatedWorld> {
  const world = simulatedWorld();
  await world.start();
  await world.push(files);
  return world;
}

async function all<T>(world: SimulatedWorld, group: string, kind: string): Promise<readonly T[]> {
  const { items } = await world.daemon().client.list({ group, kind }, { namespace: 'default' }, person);
  return items as readonly T[];
}

test('a Job runs to its end, and pods that are stopped let go of nothing that is held', async (t) => {
  const world = await running({
    'done.yaml': job('done', '  completions: 3\n  parallelism: 2\n', { exitAfterMs: 5_000 }),
    'late.yaml': job('late', '  activeDeadlineSeconds: 60\n', { stopAfterMs: 3_000 }),
    'fails.yaml': job('fails', '  backoffLimit: 1\n', { exitAfterMs: 1_000, exitCode: 7 }),
  });
  await world.pass(5 * minuteMs);
  const jobs = await all<Job>(world, 'batch', 'Job');
  const found = jobs.map(({ metadata: { name }, status }) => {
    const end = status?.conditions?.at(-1);
    return [name, end?.type, end?.reason, status?.succeeded, status?.failed];
  });
  t.deepEqual(found, [
    ['done', 'Complete', 'CompletionsReached', 3, undefined],
    ['fails', 'Failed', 'BackoffLimitExceeded', undefined, 2],
    ['late', 'Failed', 'DeadlineExceeded', undefined, 1],
  ]);
  const left = await all<Pod>(world, '', 'Pod');
  t.is(left.length, 5, 'those that ended stay, the one that was stopped is gone');
  t.true(left.every(({ metadata }) => metadata.finalizers === undefined));
  await world.stop();
});

test('a CronJob from git runs every ten minutes for an hour', async (t) => {
  const spec = `  schedule: "*/10 * * * *"\n  successfulJobsHistoryLimit: 2\n  jobTemplate:\n    spec:\n`;
  const world = await running({
    'cron.yaml': `apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: cron, namespace: default}\nspec:\n${spec}${pods({ exitAfterMs: 20_000 }, '      ')}`,
  });
  await world.pass(hourMs + 5 * minuteMs);
  const [cronJob] = await all<CronJob>(world, 'batch', 'CronJob');
  t.is(cronJob?.status?.lastScheduleTime, '2026-01-05T01:00:00Z');
  t.is(cronJob?.status?.lastSuccessfulTime, '2026-01-05T01:00:20Z');
  const jobs = await all<Job>(world, 'batch', 'Job');
  t.is(jobs.length, 2, 'so much history is kept');
  t.is((await all<Pod>(world, '', 'Pod')).length, 2, 'and pods go with their Jobs');
  await world.stop();
});

test('an autoscaler sizes a Deployment from git by what its pods use, and git does not fight it', async (t) => {
  const behaviour = { readyAfterMs: 1_000, cpuMillis: 90 };
  const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  replicas: 1
  selector: {matchLabels: {of: x}}
${pods(behaviour, '  ').replace('    restartPolicy: Never\n', '')}`;
  const scaler = `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: default}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  maxReplicas: 5
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]
`;
  const world = await running({ 'web.yaml': web, 'hpa.yaml': scaler });
  await world.pass(5 * minuteMs);
  const size = async (): Promise<number | undefined> =>
    (await all<Deployment>(world, 'apps', 'Deployment'))[0]?.spec.replicas;
  t.is(await size(), 5);
  const [autoscaler] = await all<HorizontalPodAutoscaler>(world, 'autoscaling', 'HorizontalPodAutoscaler');
  t.like(autoscaler?.status, { currentReplicas: 5, desiredReplicas: 5 });
  t.is(autoscaler?.status?.currentMetrics?.[0]?.resource?.current.averageUtilization, 90);
  await world.push({ 'web.yaml': web.replace('cpuMillis":90', 'cpuMillis":20') });
  await world.pass(4 * minuteMs);
  t.is(await size(), 5, 'what was wanted lately stays for five minutes');
  await world.stop();
  await world.start();
  await world.pass(4 * minuteMs);
  t.is(await size(), 5, 'a new daemon watches a whole window first');
  await world.pass(3 * minuteMs);
  t.is(await size(), 2, '20% of five pods are 50% of two');
  await world.stop();
});
