import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { applied, type DaemonUnderTest, daemonUnderTest } from './daemon-under-test.ts';
import { figure, percentile, timed } from './figure.ts';
import { type GeneratedRepository, generatedRepository } from './generated-repository.ts';
import { inTemporary } from './temporary.ts';

const CHANGES = 40;
const PASSES = 10;
const LOOK_MS = 25;
/** So far apart that some commits meet a status commit and others do not. */
const BETWEEN_CHANGES_MS = 50;

/** A first apply from a cold start, one changed file at a time, a pass with nothing to do: at so many applications of four objects. */
export async function daemonAt(applications: number): Promise<void> {
  const objects = applications * 4 + 10;
  await inTemporary(async (directory) => {
    const repo = await generatedRepository(directory, applications);
    const head = (await repo.repository.resolve('main')) ?? '';
    const first = await timed(async () => {
      const test = await daemonUnderTest(directory, repo.path);
      await test.event(applied(head));
      return test;
    });
    const aim = applications === 1_000 ? { aim: 5_000 } : {};
    figure('first apply from a cold start', first.ms, 'ms', { objects, ...aim, cpuMs: first.cpuMs });
    const test = first.result;
    const settling = await timed(() => blocked(() => test.untilIdle()));
    figure('from there until idle, status commit and all: CPU time', settling.cpuMs, 'ms', { objects });
    figure('longest the event loop stood still in that time', settling.result, 'ms', { objects });
    await oneFileAtATime(test, repo, { applications, objects });
    await test.untilIdle();
    await nothingToDo(test, objects);
    await test.stop();
    await repo.repository.close();
  });
}

async function oneFileAtATime(
  test: DaemonUnderTest,
  repo: GeneratedRepository,
  { applications, objects }: { readonly applications: number; readonly objects: number },
): Promise<void> {
  const spans: number[] = [];
  const { cpuMs, result } = await timed(() =>
    blocked(async () => {
      for (let at = 0; at < CHANGES; at += 1) {
        const { commit, atMs } = await repo.change((at * 37) % applications, at + 2);
        spans.push((await test.event(applied(commit))) - atMs);
        await pause(BETWEEN_CHANGES_MS);
      }
    }),
  );
  const more = { objects, changes: CHANGES };
  figure('one changed file: pushed to applied, p50', percentile(spans, 50), 'ms', { ...more, aim: 150 });
  figure('one changed file: pushed to applied, p99', percentile(spans, 99), 'ms', { ...more, aim: 500 });
  figure('one changed file: CPU time of everything it causes', cpuMs / CHANGES, 'ms', more);
  figure('longest the event loop stood still while files changed', result, 'ms', more);
}

/** Each object that is not git's makes the daemon look at everything, and find nothing to do. */
async function nothingToDo(test: DaemonUnderTest, objects: number): Promise<void> {
  const caller = { user: 'bench', groups: ['system:masters'], fieldManager: 'bench' };
  const spans: number[] = [];
  for (let at = 0; at < PASSES; at += 1) {
    const metadata = { name: `stranger-${at}`, namespace: 'default' };
    const before = test.daemon.report();
    const { cpuMs } = await timed(async () => {
      await test.daemon.client.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata }, caller);
      while (test.daemon.report() === before) await pause(LOOK_MS);
      await test.untilIdle();
    });
    spans.push(cpuMs);
  }
  figure('a pass with nothing to do: CPU time', percentile(spans, 50), 'ms', {
    objects,
    aim: 200,
    most: Math.round(Math.max(...spans)),
  });
  const plan = await timed(() => test.daemon.handlers.plan({ revision: null }));
  figure('pintle plan of everything, nothing remembered', plan.ms, 'ms', { objects, cpuMs: plan.cpuMs });
}

/** The longest that the event loop stood still while `run` ran, in milliseconds. */
async function blocked(run: () => Promise<unknown>): Promise<number> {
  const histogram = monitorEventLoopDelay({ resolution: 5 });
  histogram.enable();
  await run();
  histogram.disable();
  return histogram.max / 1e6;
}
