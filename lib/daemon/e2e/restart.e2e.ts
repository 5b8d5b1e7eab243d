import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';
import type { ContainerStateTerminated } from '../../schema/types.gen.ts';
import { foundRuns, processesByRun, textOf } from '../../testing/left-running.ts';
import { allHealthyAt, objectIn, type RealDaemon, realDaemon } from '../../testing/real-daemon.ts';
import { until } from '../../testing/until.ts';
import { webManifest } from '../../testing/web-manifest.ts';

const program = join(dirname(dirname(import.meta.dirname)), 'testing', 'crashing-daemon.ts');

// One after the other: daemons that start pods at the same moment may choose the same port for them.

type PodLine = { readonly container: string; readonly ended: ContainerStateTerminated | null };

/** First processes of all containers, by container id. */
function pids({ dataDirectory }: RealDaemon): readonly (readonly [string, string])[] {
  return foundRuns(dataDirectory).map((run) => [run.id, textOf(run, 'pid')] as const);
}

const job = `apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{name: once, image: host, command: [sh, -c, "echo hello; sleep 3; echo bye; exit 7"]}]
`;

test.serial(
  'a restart keeps every process, and what ended meanwhile is known with its exit code, its time and its log',
  async (t) => {
    const daemon = await realDaemon(t, { program });
    const first = await daemon.push({ 'web.yaml': webManifest({}) });
    await daemon.untilStatus(allHealthyAt(first), 'the pods to be ready');
    const before = pids(daemon);
    t.is(before.length, 2);
    await daemon.push({ 'job.yaml': job });
    const jobRun = () => foundRuns(daemon.dataDirectory).find(({ id }) => id.includes('.once.'));
    const says = (text: string): boolean => {
      const run = jobRun();
      return run !== undefined && textOf(run, 'stdout.log').includes(text);
    };
    await until(() => says('hello'), { what: 'the Job to run' });
    await daemon.kill();
    const killedAtMs = Date.now();
    await until(() => says('bye'), { what: 'the Job to end' });
    const run = jobRun();
    await until(() => run !== undefined && textOf(run, 'exit') === '7\n', { what: 'its exit code' });
    const endedAtMs = Date.now();
    await daemon.start();
    const ended = (): ContainerStateTerminated | null =>
      daemon
        .told<{ readonly pods: readonly PodLine[] }>('pods')
        .at(-1)
        ?.pods.find(({ container }) => container === 'once')?.ended ?? null;
    await until(() => ended() !== null, { what: 'the end of the Job to be known' });
    t.is(ended()?.exitCode, 7);
    const finishedAtMs = Date.parse(ended()?.finishedAt ?? '');
    t.true(finishedAtMs >= killedAtMs - 1_000 && finishedAtMs <= endedAtMs, ended()?.finishedAt);
    const status = await daemon.untilStatus(
      (said) => objectIn(said, 'Job default/once')?.health === 'Degraded',
      'the failed Job to be reported',
    );
    t.is(objectIn(status, 'Deployment default/web')?.health, 'Healthy');
    t.deepEqual(
      pids(daemon).filter(([id]) => !id.includes('.once.')),
      before,
    );
    t.is(foundRuns(daemon.dataDirectory).filter(({ id }) => id.includes('.once.')).length, 1, 'it ran once');
    // Ended in order this time: its pods run on as well.
    process.kill(daemon.pid(), 'SIGTERM');
    await until(() => daemon.isOver(), { what: 'the daemon to end' });
    await daemon.start();
    await daemon.untilStatus(
      (said) => objectIn(said, 'Deployment default/web')?.health === 'Healthy',
      'health again',
    );
    t.deepEqual(
      pids(daemon).filter(([id]) => !id.includes('.once.')),
      before,
    );
  },
);

for (const side of ['before', 'after'] as const) {
  test.serial(
    `kill -9 of daemon and agent ${side} a hold is recorded: the good pods are the same ones afterwards`,
    async (t) => {
      const daemon = await realDaemon(t, { program });
      const good = await daemon.push({ 'web.yaml': webManifest({ deadlineSeconds: 3 }) });
      await daemon.untilStatus(allHealthyAt(good), 'the good commit to be live');
      const before = pids(daemon);
      const bad = await daemon.push(
        { 'web.yaml': webManifest({ say: '', deadlineSeconds: 3 }) },
        `Kill both at append of a hold, ${side}`,
      );
      await until(() => daemon.isOver(), { what: 'the kill' });
      await daemon.start();
      const held = await daemon.untilStatus(
        (status) => status.revision === bad && status.holds.length === 1 && status.health === 'Healthy',
        'the bad commit to be taken back',
      );
      t.like(held.holds[0], { mode: 'hold', failedRevision: bad, goodRevisions: [good] });
      const ids = before.map(([id]) => id).sort();
      await until(() => [...processesByRun(daemon.dataDirectory).keys()].sort().join() === ids.join(), {
        what: 'nothing but the good pods to run',
      });
      t.deepEqual(pids(daemon), before);
    },
  );
}

test.serial('a second daemon on a data directory is refused, and the first goes on', async (t) => {
  const daemon = await realDaemon(t);
  const second = await daemon.run('up', '--repo', daemon.bare.path, '--data', daemon.dataDirectory);
  t.is(second.code, 1);
  t.regex(second.stderr, /\(DATA_DIRECTORY_IN_USE\)$/m);
  t.regex(second.stderr, new RegExp(`\\b${daemon.pid()}\\b`));
  const first = await daemon.push({ 'web.yaml': webManifest({ replicas: 1 }) });
  await daemon.untilStatus(allHealthyAt(first), 'the first daemon to go on');
});

test.serial(
  'a daemon that cannot start ends with the reason and leaves the data directory to the next one',
  async (t) => {
    const daemon = await realDaemon(t, { start: false });
    const dataDirectory = join(daemon.directory, 'spoilt');
    mkdirSync(dataDirectory);
    writeFileSync(join(dataDirectory, 'pods'), 'in the way');
    for (let round = 1; round <= 2; round += 1) {
      const failed = await daemon.run(
        'up',
        '--repo',
        daemon.bare.path,
        '--data',
        dataDirectory,
        '--runtime',
        'process',
        '--api-port',
        '0',
      );
      t.is(failed.code, 1);
      t.regex(failed.stderr, /\(DRIVER_FAILED\)$/m);
    }
  },
);
