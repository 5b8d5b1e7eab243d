import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { trailerOf } from '../../git/commit-message.ts';
import { containerIdOf } from '../../runtime/driver.ts';
import { commandOf, foundRuns, processesByRun, textOf } from '../../testing/left-running.ts';
import { allHealthyAt, type RealDaemon, realDaemon } from '../../testing/real-daemon.ts';
import { until } from '../../testing/until.ts';

const program = join(dirname(dirname(import.meta.dirname)), 'testing', 'crashing-daemon.ts');

/** Where to die, in the order of a rollout: calls of ports, appends to the store by what is in them. */
const points = [
  { point: 'the commit was seen', at: 'repository.listTree, before' },
  { point: 'the transaction is about to be written', at: 'append of the plan, before' },
  { point: 'the transaction was written', at: 'append of the plan, after' },
  { point: 'the ReplicaSet is about to be written', at: 'append of a ReplicaSet, before' },
  { point: 'the ReplicaSet was written', at: 'append of a ReplicaSet, after' },
  { point: 'a pod was created', at: 'append of a pod, after' },
  { point: 'a pod was bound', at: 'append of a bound pod, after' },
  { point: 'its sandbox is about to be made', at: 'driver.createSandbox, before' },
  { point: 'its sandbox was made', at: 'driver.createSandbox, after' },
  { point: 'its volume was written', at: 'driver.writeVolume, after' },
  { point: 'its image is being checked', at: 'driver.image, before' },
  { point: 'its container is about to start', at: 'driver.startContainer, before' },
  { point: 'its container has started and nobody knows', at: 'driver.startContainer, after' },
  { point: 'it runs and is not ready yet', at: 'append of a running pod, after' },
  { point: 'it is ready', at: 'append of a ready pod, after' },
  { point: 'in the middle of the roll, a pod is to go', at: 'append of a pod that goes, after' },
  { point: 'a pod was told to end', at: 'driver.signal, after' },
  { point: 'a pod has ended', at: 'driver.removeSandbox, before' },
  { point: 'nothing is left of a pod but its object', at: 'driver.removeSandbox, after' },
  { point: 'the status commit was written', at: 'repository.writeCommit, after' },
  { point: 'the status commit was published', at: 'repository.publish, after' },
] as const;

/** Two pods that say when they start, with a volume and a probe; and one that counts, which nothing ever changes. */
function manifests(version: string): string {
  return `apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {version: "${version}"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  strategy: {rollingUpdate: {maxSurge: 2, maxUnavailable: 0}}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 1
      volumes: [{name: config, configMap: {name: web}}]
      containers:
      - name: web
        image: host
        command: [sh, -c, "echo started ${version}; exec sleep 100000"]
        volumeMounts: [{name: config, mountPath: /etc/web}]
        readinessProbe: {exec: {command: ["true"]}, periodSeconds: 1}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: stays}
spec:
  selector: {matchLabels: {app: stays}}
  template:
    metadata: {labels: {app: stays}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: stays
        image: host
        command: [sh, -c, "i=0; while :; do i=$((i+1)); echo $i; sleep 0.2; done"]
`;
}

/** The run of the pod that counts, with what it wrote and its first process. */
function counting({ dataDirectory }: RealDaemon): {
  readonly pid: string;
  readonly lines: readonly number[];
} {
  const run = foundRuns(dataDirectory).find(({ id }) => id.includes('.stays.'));
  if (run === undefined) throw new Error('the pod that counts is gone');
  const lines = textOf(run, 'stdout.log').trim().split('\n').map(Number);
  return { pid: textOf(run, 'pid').split(' ')[0] ?? '', lines };
}

type PodLine = {
  readonly uid: string;
  readonly container: string;
  readonly goes: boolean;
  readonly restarts: number;
};

/** Waits until all is at rest, and looks for what must not be. */
async function atRest(
  t: ExecutionContext,
  daemon: RealDaemon,
  expected: { commit: string; version: string },
): Promise<void> {
  const { dataDirectory } = daemon;
  await daemon.untilStatus(allHealthyAt(expected.commit), `${t.title}: ${expected.version}`);
  const pods = (): readonly PodLine[] =>
    daemon.told<{ readonly pods: readonly PodLine[] }>('pods').at(-1)?.pods ?? [];
  const rests = (): boolean => pods().length === 3 && pods().every(({ goes }) => !goes);
  await until(rests, { what: `${expected.version}: three pods` });
  const ids = pods()
    .map(({ uid, container }) => containerIdOf(uid, container, 0))
    .sort();
  const left = (): boolean => [...processesByRun(dataDirectory).keys()].sort().join() === ids.join();
  await until(left, { what: `${expected.version}: the processes of three pods` }).catch(
    (failure: unknown) => {
      t.log(ids, processesByRun(dataDirectory));
      throw failure;
    },
  );
  const runs = foundRuns(dataDirectory);
  t.deepEqual(
    runs.map(({ id }) => id).sort(),
    ids,
    `${expected.version}: no run is left over, none was run again`,
  );
  for (const run of runs.filter(({ id }) => id.includes('.web.'))) {
    t.is(textOf(run, 'stdout.log'), `started ${expected.version}\n`, `${expected.version}: started once`);
    const programs = (processesByRun(dataDirectory).get(run.id) ?? []).map(commandOf);
    t.deepEqual(
      programs.filter((command) => command.startsWith('sleep')),
      ['sleep 100000'],
    );
  }
  for (const { restarts } of pods()) t.is(restarts, 0);
}

async function statusShows(daemon: RealDaemon, commit: string): Promise<boolean> {
  const message = await daemon.bare.git('log', '-1', '--format=%B', 'pintle/status');
  return (
    trailerOf(message, 'Pintle-Revision') === commit && trailerOf(message, 'Pintle-Health') === 'Healthy'
  );
}

for (const whom of ['daemon', 'agent', 'both'] as const) {
  test(`kill -9 of ${whom === 'both' ? 'daemon and agent' : `the ${whom}`} at ${points.length} points of a rollout loses, orphans and doubles nothing`, async (t) => {
    t.timeout(240_000);
    const daemon = await realDaemon(t, { program });
    const first = await daemon.push({ 'web.yaml': manifests('first') });
    await atRest(t, daemon, { commit: first, version: 'first' });
    const { pid } = counting(daemon);
    for (const [index, { at, point }] of points.entries()) {
      const version = `v${index}`;
      const commit = await daemon.push({ 'web.yaml': manifests(version) }, `Kill ${whom} at ${at}`);
      if (whom === 'agent') {
        const killed = (): boolean => daemon.told('killing').length > index;
        await until(killed, { what: `${point}: the kill` });
      } else {
        await until(() => daemon.isOver(), { what: `${point}: the kill` });
        await daemon.start();
      }
      await atRest(t, daemon, { commit, version });
      // Status commits come two seconds apart: only where they are what was hit are they waited for.
      if (at.startsWith('repository.')) {
        await until(() => statusShows(daemon, commit), { what: `${point}: the status branch` });
      }
      t.is(counting(daemon).pid, pid, `${point}: a pod that nothing changed keeps its process`);
    }
    const { lines } = counting(daemon);
    t.deepEqual(
      lines,
      Array.from(lines, (_, at) => at + 1),
      'its log has every line, once',
    );
    await daemon.down();
    t.deepEqual([...processesByRun(daemon.dataDirectory)], []);
  });
}
