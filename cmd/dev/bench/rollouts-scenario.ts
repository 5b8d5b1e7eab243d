import { hourMs } from '../../../lib/base/clock.ts';
import { BEHAVIOUR_ANNOTATION } from '../../../lib/runtime/simulated/simulated-behaviour.ts';
import type { StatusReport } from '../../../lib/status/report.ts';
import { healthyAt, type SimulatedWorld, simulatedWorld } from '../../../lib/testing/simulated-world.ts';
import { figure, rounded, timed } from './figure.ts';

/** The last is what the figures are about; those before it show how the cost grows. */
const DEPLOYMENTS = [250, 500, 1_000] as const;
const PODS_EACH = 10;
const CRON_JOBS = [250, 500, 1_000] as const;
/** Manifests of one file. */
const FILE_OBJECTS = 25;
const DAY_MS = 24 * hourMs;
const RUNS_A_DAY = 4;
const ROLL_MS = 2 * hourMs;
const MACHINE = { cpuMillis: 100_000_000, memoryBytes: 1e15, podsMax: 100_000 } as const;

/** Rollouts of many Deployments and a day of many CronJobs, on the simulated driver and a clock that jumps: what they cost as they double. */
export async function rollouts(): Promise<void> {
  for (const deployments of DEPLOYMENTS) await rolled(deployments);
  for (const cronJobs of CRON_JOBS) await dayOf(cronJobs);
}

async function rolled(deployments: number): Promise<void> {
  const world = simulatedWorld({ machine: MACHINE });
  await world.start();
  const push = (version: string): Promise<string> =>
    world.push(filesOf(deployments, (at) => deployment(at, version)));
  const first = await push('one');
  await world.until(healthyAt(first), 'all to be there', ROLL_MS);
  const beganAtMs = world.clock.now();
  const { ms, cpuMs } = await timed(async () => {
    const second = await push('two');
    await world.until(healthyAt(second), 'all to be rolled', ROLL_MS);
  });
  const pods = deployments * PODS_EACH;
  figure('Deployments rolled in simulation', ms / 1_000, 's', {
    ...{ deployments, pods, cpuMs, ...peak(world) },
    podsPerSecond: rounded(pods / (ms / 1_000)),
    simulatedSeconds: rounded((world.clock.now() - beganAtMs) / 1_000),
  });
  world.kill();
}

async function dayOf(cronJobs: number): Promise<void> {
  const world = simulatedWorld({ machine: MACHINE });
  await world.start();
  const commit = await world.push(filesOf(cronJobs, cronJob));
  const isApplied = ({ revision }: StatusReport): boolean => revision === commit;
  await world.until(isApplied, 'all to be there');
  const { ms, cpuMs } = await timed(() => world.pass(DAY_MS));
  const runs = cronJobs * RUNS_A_DAY;
  const shown = { cronJobs, runs, cpuMs, ...peak(world), runsPerSecond: rounded(runs / (ms / 1_000)) };
  figure('a simulated day of CronJobs', ms / 1_000, 's', shown);
  world.kill();
}

/** Memory at its highest so far, and what the world itself holds. */
function peak(world: SimulatedWorld): Readonly<Record<string, number>> {
  const storedMiB =
    world.disk.snapshot().entries.reduce((sum, { value }) => sum + value.byteLength, 0) / 1024 ** 2;
  return { peakMemoryMiB: rounded(process.resourceUsage().maxRSS / 1024), storedMiB: rounded(storedMiB) };
}

function filesOf(count: number, objectOf: (at: number) => object): Record<string, string> {
  const files: Record<string, string> = {};
  for (let from = 0; from < count; from += FILE_OBJECTS) {
    const objects = Array.from({ length: Math.min(FILE_OBJECTS, count - from) }, (_, at) =>
      objectOf(from + at),
    );
    files[`objects-${from}.yaml`] = objects.map((object) => JSON.stringify(object)).join('\n---\n');
  }
  return files;
}

function deployment(at: number, version: string): object {
  const name = `web-${at}`;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas: PODS_EACH,
      // No surge: as many pods as there may be are there already.
      strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '25%' } },
      selector: { matchLabels: { app: name } },
      template: podTemplate(name, version, { readyAfterMs: 1_000 }, 'Always'),
    },
  };
}

/** Four times a day, each at its own minute. */
function cronJob(at: number): object {
  const name = `report-${at}`;
  const template = podTemplate(name, 'one', { exitAfterMs: 5_000 }, 'Never');
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name, namespace: 'default' },
    spec: { schedule: `${at % 60} */6 * * *`, jobTemplate: { spec: { template } } },
  };
}

function podTemplate(name: string, version: string, behaviour: object, restartPolicy: string): object {
  const container = {
    ...{ name: 'main', image: 'host', env: [{ name: 'VERSION', value: version }] },
    resources: { requests: { cpu: '100m', memory: '64Mi' } },
    ...(restartPolicy === 'Always' && { readinessProbe: { tcpSocket: { port: 80 }, periodSeconds: 1 } }),
  };
  return {
    metadata: { labels: { app: name }, annotations: { [BEHAVIOUR_ANNOTATION]: JSON.stringify(behaviour) } },
    spec: { restartPolicy, containers: [container] },
  };
}
