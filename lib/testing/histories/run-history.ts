import { isApiError } from '../../api/api-error.ts';
import { evictions } from '../../api/evict-pod.ts';
import { refOf } from '../../schema/object.ts';
import { controllerOf } from '../../schema/owner.ts';
import { isPodActive, isPodReady } from '../../schema/pod-conditions.ts';
import type { Job, Pod } from '../../schema/types.gen.ts';
import type { StatusReport } from '../../status/report.ts';
import { person, type SimulatedWorld, simulatedWorld } from '../simulated-world.ts';
import { doubled, podsOn } from '../world-picture.ts';
import type { History, Step, Workload } from './history.ts';
import { type Invariants, invariants } from './invariants.ts';
import { workloadManifest } from './workload-manifest.ts';

/** What a machine has in a history, all nodes together: little enough that it is not always enough. */
const MACHINE = { cpuMillis: 6_000, podsMax: 12 } as const;
/** Calls of the API by the history itself, and starts of a daemon. */
const CALL_MS = 60_000;
/** At the end all is mended: what is not well by then never will be. */
const END_MS = 1_800_000;

/** Plays a history and says what was wrong with it; nothing: all that must hold held, and what was pushed last came true. */
export async function runHistory(history: History): Promise<readonly string[]> {
  const held = invariants();
  const world = simulatedWorld({
    ...{ seed: history.seed, nodes: history.nodes, machine: MACHINE },
    onCommit: (disk) => {
      held.look(disk, world.machine, world.clock.now());
      for (const twice of doubled(world)) (held.faults as Set<string>).add(twice);
    },
  });
  const pushed = new Map<string, Workload>();
  try {
    await world.start();
    for (const step of history.steps) {
      await play(step, { world, held, pushed, history });
      await alive(world);
      if (held.faults.size > 0) return [...held.faults];
    }
    return [...held.faults, ...(await mended({ world, pushed, history })), ...held.faults];
  } catch (thrown) {
    return [...held.faults, `${thrown instanceof Error ? thrown.message : String(thrown)}`.slice(0, 4_000)];
  } finally {
    world.kill();
  }
}

type Played = {
  readonly world: SimulatedWorld;
  readonly held: Invariants;
  readonly pushed: Map<string, Workload>;
  readonly history: History;
};

async function play(step: Step, { world, held, pushed, history }: Played): Promise<void> {
  switch (step.do) {
    case 'push': {
      const { workload } = step;
      // A Job's template is not to be changed: it is another one's name then.
      if (workload.kind === 'Job' && pushed.has(workload.name)) return;
      pushed.set(workload.name, workload);
      await world.push({ [`${workload.name}.yaml`]: workloadManifest(workload) });
      return;
    }
    case 'remove':
      // The last file stays: an emptied source waits for approval.
      if (!pushed.has(step.name) || pushed.size < 2) return;
      pushed.delete(step.name);
      for (const pod of podsOn(world.disk))
        if (pod.metadata.labels?.app === step.name) held.spare(pod.metadata.uid ?? '');
      await world.push({ [`${step.name}.yaml`]: null });
      return;
    case 'pass':
      return world.pass(step.spanMs);
    case 'crash': {
      world.kill();
      await world.pass(10);
      const { again } = step;
      await world.start(({ number, side }) => number === again && side === 'after');
      return;
    }
    case 'lose':
      return world.loseNode(nodeName(step.node));
    case 'return':
      return world.returnNode(nodeName(step.node % history.nodes));
    case 'evict':
    case 'delete':
      return disturb(step, { world, held });
  }
}

/** The pod that a step means, evicted or deleted; what refuses that does so with reason. */
async function disturb(
  step: Extract<Step, { readonly do: 'evict' | 'delete' }>,
  { world, held }: Pick<Played, 'world' | 'held'>,
): Promise<void> {
  // Budgets are counted by a controller: it is given a moment.
  await world.pass(500);
  if (world.life().over) return;
  const pods = podsOn(world.disk).filter(isPodActive);
  const pod = pods[step.pod % Math.max(1, pods.length)];
  if (pod === undefined) return;
  const { name, uid = '', namespace = 'default' } = pod.metadata;
  held.spare(uid);
  const { client } = world.daemon();
  const call =
    step.do === 'evict'
      ? evictions(client, world.clock).evict({ namespace, name }, {}, person)
      : client.delete({ group: '', kind: 'Pod', namespace, name }, {}, person).then(() => undefined);
  const before = budgetsOf(world, pod);
  let outcome: 'done' | 'refused' | null = null;
  let thrown: unknown = null;
  call.then(
    () => {
      outcome = 'done';
    },
    (failure: unknown) => {
      outcome = 'refused';
      thrown = failure;
    },
  );
  const over = (): boolean => outcome !== null || world.life().over;
  await world.clock.runUntil(over, { withinMs: CALL_MS, what: 'a pod to be disturbed' });
  if (thrown !== null && !isApiError(thrown, 'TooManyRequests', 'NotFound', 'Conflict')) throw thrown;
  if (step.do !== 'evict' || outcome !== 'done' || !isPodReady(pod)) return;
  for (const { minAvailable, healthy } of before)
    if (healthy - 1 < minAvailable)
      (held.faults as Set<string>).add(
        `budget: ${name} was evicted of ${healthy} healthy, ${minAvailable} at least`,
      );
}

type Budget = {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly minAvailable?: number;
    readonly selector?: { readonly matchLabels?: { readonly app?: string } };
  };
};

function budgetsOf(world: SimulatedWorld, pod: Pod): readonly { minAvailable: number; healthy: number }[] {
  const budgets = world.disk.objects(
    '/policy/poddisruptionbudgets/',
  ) as readonly unknown[] as readonly Budget[];
  return budgets.flatMap(({ spec }) => {
    const app = spec.selector?.matchLabels?.app;
    if (app === undefined || app !== pod.metadata.labels?.app) return [];
    const healthy = podsOn(world.disk).filter(
      (each) => each.metadata.labels?.app === app && isPodActive(each) && isPodReady(each),
    ).length;
    return [{ minAvailable: spec.minAvailable ?? 0, healthy }];
  });
}

/** All nodes are back, every program works, there is room: then all of it comes true, and nothing is left over. */
async function mended({
  world,
  pushed,
  history,
}: Pick<Played, 'world' | 'pushed' | 'history'>): Promise<readonly string[]> {
  for (let at = 0; at < history.nodes; at += 1) {
    await world.returnNode(nodeName(at));
    await alive(world);
  }
  const files: Record<string, string> = {};
  for (const workload of pushed.values()) {
    if (workload.kind === 'Job') continue;
    const program = { readyAfterMs: 0, stopAfterMs: 0, exitAfterMs: null, exitCode: 0 };
    const good = {
      ...workload,
      program,
      cpuMillis: 50,
      version: 9,
      ...('partition' in workload && { partition: 0 }),
    };
    files[`${workload.name}.yaml`] = workloadManifest(good);
  }
  if (Object.keys(files).length > 0) await world.push(files);
  const head = world.git.refs.get('refs/heads/main');
  const isWell = (report: StatusReport): boolean =>
    report.revision === head && report.objects.every((object) => isSettled(object, world));
  const isApplied = ({ revision }: StatusReport): boolean => revision === head;
  while ((await world.untilOrDeath(isApplied, 'the last commit to be applied', END_MS)) === 'death')
    await world.start();
  // What never was well is in the way of a StatefulSet's update, in Kubernetes too: somebody has to take it away.
  for (const pod of podsOn(world.disk))
    if (controllerOf(pod)?.kind === 'StatefulSet' && !isPodReady(pod))
      void world
        .daemon()
        .client.delete(refOf(pod), {}, person)
        .catch(() => undefined);
  while ((await world.untilOrDeath(isWell, 'all to be well at the end', END_MS)) === 'death')
    await world.start();
  await world.pass(10_000);
  const jobs = [...pushed.values()].filter(({ kind }) => kind === 'Job');
  return jobs.flatMap((job) => wrongAtEnd(world, job.name));
}

/** Jobs may have failed for good: their programs do. */
function isSettled({ ref, health }: StatusReport['objects'][number], world: SimulatedWorld): boolean {
  if (ref.kind === 'Job')
    return health.state === 'Healthy' || (health.reason !== '' && jobEnded(world, ref.name));
  return health.state === 'Healthy' || ref.kind === 'PodDisruptionBudget';
}

function jobOf(world: SimulatedWorld, name: string) {
  return world.disk.objects<Job>('/batch/jobs/').find(({ metadata }) => metadata.name === name);
}

function jobEnded(world: SimulatedWorld, name: string): boolean {
  const conditions = jobOf(world, name)?.status?.conditions ?? [];
  return conditions.some(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
}

function wrongAtEnd(world: SimulatedWorld, name: string): readonly string[] {
  const { spec, status } = jobOf(world, name) ?? {};
  const isComplete = status?.conditions?.some(({ type, status: is }) => type === 'Complete' && is === 'True');
  if (isComplete !== true || status?.succeeded === spec?.completions) return [];
  return [`Job ${name}: complete with ${status?.succeeded} of ${spec?.completions}`];
}

/** A daemon that has died is followed by another. */
async function alive(world: SimulatedWorld): Promise<void> {
  if (world.life().over) await world.start();
}

function nodeName(at: number): string {
  return at === 0 ? 'node-1' : `node-1-${at + 1}`;
}
