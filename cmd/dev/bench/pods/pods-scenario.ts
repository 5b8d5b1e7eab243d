import { setTimeout as pause } from 'node:timers/promises';
import { figure, percentile, rounded } from '../figure.ts';
import { inTemporary } from '../temporary.ts';
import { barePods } from './bare-pods.ts';
import { containerdPods } from './containerd-pods.ts';
import { pintlePods } from './pintle-pods.ts';
import type { PodRunner } from './pod-runner.ts';
import { podmanPods } from './podman-pods.ts';
import { isInstalled, notInstalled } from './run-quietly.ts';

const ROUNDS = 25;
const BURST = 100;
/** Between any two measurements: what a machine is like that starts a pod now and then. */
const REST_MS = 200;
/** Of a burst: after taking down as many networks the kernel is busy for a while. */
const BURST_REST_MS = 5_000;
/** Who does the same as this one says what the rest of a pod costs. */
const PEER: Readonly<Record<string, string>> = {
  'pintle with crun': 'bare crun',
  'pintle with runc': 'bare runc',
};
/** The design's, over bare runc. */
const OVER_RUNC_MS = 10;

/** Pods up and down by every way this machine has, a turn each, so that all have the same noise; then as many at once. */
export async function podsUpAndDown(): Promise<void> {
  await inTemporary(async (directory) => {
    const runners = await openRunners(directory);
    try {
      await oneAtATime(runners);
      for (const runner of runners) await burst(runner);
    } finally {
      for (const runner of runners.toReversed()) await runner.close();
    }
  });
}

async function openRunners(directory: string): Promise<readonly PodRunner[]> {
  const crun = await pintlePods(directory, 'crun');
  const runc = await pintlePods(directory, 'runc');
  await crun.up('template');
  const bundle = crun.bundleOf('template');
  const bare = [await barePods(directory, 'crun', bundle), await barePods(directory, 'runc', bundle)];
  const others: PodRunner[] = [];
  if (await isInstalled('podman')) others.push(await podmanPods(directory));
  else notInstalled('podman');
  if (await isInstalled('containerd')) others.push(await containerdPods(directory));
  else notInstalled('containerd');
  return [crun, runc, ...bare, ...others];
}

type Spans = { readonly up: number[]; readonly down: number[] };

async function oneAtATime(runners: readonly PodRunner[]): Promise<void> {
  const spans = new Map<string, Spans>(runners.map(({ name }) => [name, { up: [], down: [] }]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const runner of runners) {
      const pod = `one-${round}`;
      await runner.prepare?.(pod);
      await pause(REST_MS);
      spans.get(runner.name)?.up.push(await spanOf(() => runner.up(pod)));
      await pause(REST_MS);
      spans.get(runner.name)?.down.push(await spanOf(() => runner.down(pod)));
    }
  }
  for (const [name, { up, down }] of spans) {
    tell(`${name}: one pod up`, up);
    tell(`${name}: one pod down`, down);
  }
  for (const [name, { up }] of spans) {
    const peer = spans.get(PEER[name] ?? '');
    const runc = spans.get('bare runc');
    if (peer === undefined || runc === undefined) continue;
    const over = (other: Spans, p: number): number => percentile(up, p) - percentile(other.up, p);
    figure(`${name} over bare runc: one pod up, p50`, over(runc, 50), 'ms', {
      ...{ aim: OVER_RUNC_MS, p95: rounded(over(runc, 95)) },
      overItsOwnRuntime: rounded(over(peer, 50)),
    });
  }
}

async function burst(runner: PodRunner): Promise<void> {
  const pods = Array.from({ length: BURST }, (_, at) => `burst-${at}`);
  for (const pod of pods) await runner.prepare?.(pod);
  await pause(BURST_REST_MS);
  const each: number[] = [];
  const upMs = await spanOf(() =>
    Promise.all(pods.map(async (pod) => each.push(await spanOf(() => runner.up(pod))))),
  );
  figure(`${runner.name}: ${BURST} pods up at once`, BURST / (upMs / 1000), 'pods/s', {
    ...{ ms: rounded(upMs), p50Ms: rounded(percentile(each, 50)), p95Ms: rounded(percentile(each, 95)) },
  });
  for (const [who, mb] of Object.entries(runner.memory()))
    figure(`${runner.name}: memory with ${BURST} pods, ${who}`, mb, 'MB');
  await pause(REST_MS);
  const downMs = await spanOf(() => Promise.all(pods.map((pod) => runner.down(pod))));
  figure(`${runner.name}: ${BURST} pods down at once`, BURST / (downMs / 1000), 'pods/s', {
    ms: rounded(downMs),
  });
}

function tell(name: string, spans: readonly number[]): void {
  figure(`${name}, p50`, percentile(spans, 50), 'ms', {
    ...{ p95: rounded(percentile(spans, 95)), min: rounded(Math.min(...spans)), times: spans.length },
  });
}

async function spanOf(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}
