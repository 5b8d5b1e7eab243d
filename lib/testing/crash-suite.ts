import type { ExecutionContext } from 'ava';
import { seededRandom } from '../base/random.ts';
import type { DaemonSettings } from '../daemon/daemon.ts';
import type { StatusReport } from '../status/report.ts';
import type { PortCall, ProcessLife } from './process-life.ts';
import {
  type Durable,
  healthyAt,
  type SimulatedWorld,
  simulatedWorld,
  type WorldOptions,
} from './simulated-world.ts';
import { spread } from './thoroughness.ts';
import {
  differences,
  doubled,
  isActive,
  isQuiet,
  isReady,
  orphans,
  pictureOf,
  podsOn,
  statusBranchLag,
} from './world-picture.ts';

/** Something that happens to a running daemon, and what it is to come to however often the daemon dies on the way. */
export type CrashScenario = {
  readonly settings?: Partial<DaemonSettings>;
  /** What stands, healthy, before it begins: commits, one after the other. Each a set of files. */
  readonly before: readonly Readonly<Record<string, string>>[];
  /** What happens; answers with the commit it is about. */
  readonly act: (world: SimulatedWorld) => Promise<string>;
  readonly settled: (commit: string) => (report: StatusReport) => boolean;
  /** Never more pods than this that are not on their way out, never fewer ready ones: what the strategy allows. */
  readonly podsMax: number;
  readonly readyMin: number;
  /** Never more containers started than this, all in all. */
  readonly startsMax?: number;
  /** Text of the last picture that may depend on the way there, with what stands for it. */
  readonly alike?: readonly (readonly [RegExp, string])[];
};

/** Calls that change something: dying after one of them is not the same as dying before it. */
const EFFECTS =
  /^(?:store\.commit|driver\.(?:createSandbox|writeVolume|startContainer|signal|removeContainer|removeSandbox)|repository\.(?:writeCommit|publish))$/;

export type CrashPoint = Pick<PortCall, 'number' | 'name' | 'side'>;

/** What would still happen by itself has happened after this. */
const SETTLE_MS = 3_000;
/** So many failures are told; more say nothing new. */
const FAILURES_TOLD_MAX = 5;

/** Runs the scenario once whole, then once for every call of a port, dying there, and compares where they end. */
export async function crashEverywhere(t: ExecutionContext, scenario: CrashScenario): Promise<void> {
  const from = await standing(scenario);
  const whole = await run(scenario, from, []);
  t.deepEqual(whole.wrong, []);
  const points = spread(pointsOf(whole.calls), 16);
  const random = seededRandom(points.length);
  const failures: string[] = [];
  for (const [at, point] of points.entries()) {
    // Every third daemon that takes over dies as well, somewhere.
    const again = {
      number: 1 + Math.floor(random.next() * points.length),
      name: 'any',
      side: 'after',
    } as const;
    const deaths = at % 3 === 0 ? [point, again] : [point];
    const { wrong, picture } = await run(scenario, from, deaths).catch((failure: Error) => ({
      wrong: [failure.message],
      picture: whole.picture,
    }));
    for (const what of [...wrong, ...differences(picture, whole.picture)])
      failures.push(
        `died ${deaths.map(({ side, number, name }) => `${side} call ${number}, ${name}`).join(', then ')}: ${what}`,
      );
    if (failures.length >= FAILURES_TOLD_MAX) break;
  }
  t.deepEqual(failures, []);
  t.log(`${points.length} points to die at, of ${whole.calls.length} calls`);
}

/**
 * Where to die: before every call, and after every one that has an effect. Calls between which nothing became durable and no
 * time passed leave the same world behind; of those the first stands for all.
 */
function pointsOf(calls: ProcessLife['calls']): readonly CrashPoint[] {
  const points: CrashPoint[] = [];
  let last: { readonly effects: number; readonly atMs: number } | null = null;
  let effects = 0;
  const add = (point: CrashPoint, atMs: number): void => {
    if (last?.effects !== effects || last.atMs !== atMs) points.push(point);
    last = { effects, atMs };
  };
  for (const [at, { name, atMs }] of calls.entries()) {
    add({ number: at + 1, name, side: 'before' }, atMs);
    if (!EFFECTS.test(name)) continue;
    effects += 1;
    add({ number: at + 1, name, side: 'after' }, atMs);
  }
  return points;
}

/** The world with all that stood before, at rest. */
export async function standing({
  before,
  settings = {},
}: Pick<CrashScenario, 'before' | 'settings'>): Promise<Durable> {
  const world = simulatedWorld({ settings });
  await world.start();
  for (const files of before) {
    const commit = await world.push(files);
    await world.until((report) => healthyAt(commit)(report) && isQuiet(world), 'what stood before');
  }
  await world.pass(10_000);
  world.kill();
  return world.durable();
}

type Outcome = {
  readonly picture: readonly string[];
  readonly calls: ProcessLife['calls'];
  readonly wrong: readonly string[];
};

async function run(scenario: CrashScenario, from: Durable, deaths: readonly CrashPoint[]): Promise<Outcome> {
  const { podsMax, readyMin, settings = {}, alike = [], startsMax = Number.POSITIVE_INFINITY } = scenario;
  const wrong = new Set<string>();
  const options: WorldOptions = {
    ...{ settings, from },
    onCommit(disk) {
      const active = podsOn(disk).filter(isActive);
      if (active.length > podsMax) wrong.add(`${active.length} pods at once`);
      const ready = active.filter(isReady).length;
      if (ready < readyMin) wrong.add(`only ${ready} ready`);
      if (world.machine.starts.size > startsMax) wrong.add(`${world.machine.starts.size} containers started`);
      for (const twice of doubled(world)) wrong.add(twice);
    },
  };
  const world = simulatedWorld(options);
  const left = [...deaths];
  const begin = async (): Promise<void> => {
    const next = left.shift();
    await world.start(({ number, side }) => number === next?.number && side === next.side);
    if (world.life().over) await begin();
  };
  await begin();
  const commit = await scenario.act(world);
  const settled = (report: StatusReport): boolean => scenario.settled(commit)(report) && isQuiet(world);
  while ((await world.untilOrDeath(settled, 'the end')) === 'death') await begin();
  const calls = world.life().calls.slice();
  await world.pass(SETTLE_MS);
  for (const each of [...orphans(world), ...doubled(world)]) wrong.add(each);
  const lag = await statusBranchLag(world);
  if (lag !== null) wrong.add(lag);
  world.kill();
  const picture = pictureOf(world).map((line) =>
    alike.reduce((text, [pattern, name]) => text.replace(pattern, name), line),
  );
  return { picture: picture.sort(), calls, wrong: [...wrong] };
}
