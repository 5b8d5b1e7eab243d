import { canonicalJson, isObject } from '../base/json.ts';
import { trailerOf } from '../git/commit-message.ts';
import { parseCommit } from '../git/commit-object.ts';
import type { Oid } from '../git/repository.ts';
import { recordAt } from '../runtime/simulated/simulated-state.ts';
import type { KubeObject } from '../schema/object.ts';
import { controllerOf } from '../schema/owner.ts';
import type { Pod } from '../schema/types.gen.ts';
import { statusTrailers } from '../status/commit-message.ts';
import { statusTreeOf } from '../status/status-commit.ts';
import type { MemoryDisk } from './memory-disk.ts';
import { type MemoryGit, memoryRepository } from './memory-git.ts';
import type { SimulatedWorld } from './simulated-world.ts';

/** Differs from run to run, and may: names and times that chance or the clock gave. */
const BY_CHANCE: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g, 'UID'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, 'TIME'],
  [/\b(?:10|127)(?:\.\d{1,3}){3}\b/g, 'ADDRESS'],
  // Of pods and EndpointSlices: a base and five characters.
  [/-[bcdfghjklmnpqrstvwxz2456789]{5}(?=["./: ])/g, '-CHANCE'],
];
const COUNTERS: ReadonlySet<string> = new Set(['resourceVersion', 'atMs', 'sinceMs', 'serial']);
/** How often their spec changed on the way depends on the way. */
const COUNTED: ReadonlySet<string> = new Set([
  'ReplicaSet',
  'EndpointSlice',
  'Endpoints',
  'Service',
  'Source',
  'AppliedObject',
]);

/** Everything the API has, events aside, a line an object, without what may differ between two runs to the same end. */
export function pictureOf({ disk, git }: Pick<SimulatedWorld, 'disk' | 'git'>): readonly string[] {
  return disk
    .objects('/')
    .filter(({ kind }) => kind !== 'Event')
    .map((object) => lineOf(object).replace(/\b[0-9a-f]{40}\b/g, (oid) => subjectOf(git, oid)))
    .sort();
}

/** A commit by its first line: its name depends on when it was made. */
function subjectOf(git: MemoryGit, oid: Oid): string {
  const object = git.objects.get(oid);
  return object?.type === 'commit'
    ? `commit ${parseCommit(oid, object.bytes).message.split('\n', 1)[0] ?? ''}`
    : oid;
}

/** Characters shown around the first place where two objects differ. */
const SHOWN_CHARS = 120;

/** How a picture differs from the expected one, an object a line. */
export function differences(actual: readonly string[], expected: readonly string[]): readonly string[] {
  const lost = [...expected];
  const more = actual.filter((line) => {
    const at = lost.indexOf(line);
    if (at >= 0) lost.splice(at, 1);
    return at < 0;
  });
  const told = Array.from({ length: Math.max(lost.length, more.length) }, (_, at) => {
    const [was, is] = [lost[at] ?? '', more[at] ?? ''];
    let same = 0;
    while (same < was.length && was[same] === is[same]) same += 1;
    const part = (text: string): string =>
      text === '' ? 'nothing' : text.slice(Math.max(0, same - SHOWN_CHARS), same + SHOWN_CHARS);
    return `${part(is)} instead of ${part(was)}`;
  });
  return told;
}

function lineOf(object: KubeObject): string {
  const drop = new Set(COUNTERS);
  if (COUNTED.has(object.kind)) for (const field of ['generation', 'observedGeneration']) drop.add(field);
  let text = canonicalJson(without(object, drop));
  for (const [pattern, name] of BY_CHANCE) text = text.replace(pattern, name);
  return text;
}

function without(value: unknown, drop: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => without(item, drop));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !drop.has(key))
      .map(([key, held]) => [key, without(held, drop)]),
  );
}

export function podsOn(disk: MemoryDisk): readonly Pod[] {
  return disk.objects<Pod & KubeObject>('//pods/');
}

/** Neither over nor on its way out. */
export function isActive({ metadata, status }: Pod): boolean {
  return (
    metadata.deletionTimestamp === undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed'
  );
}

export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
}

/** The machine has what the API has, and no pod is on its way out. */
export function isQuiet({ disk, machine }: SimulatedWorld): boolean {
  const pods = podsOn(disk);
  return (
    pods.every(({ metadata }) => metadata.deletionTimestamp === undefined) &&
    pods.length === machine.sandboxes.size
  );
}

/** What must not be, at any time: a container started twice, two runs of one container side by side. */
export function doubled({ machine, clock }: Pick<SimulatedWorld, 'machine' | 'clock'>): readonly string[] {
  const found: string[] = [];
  for (const [id, starts] of machine.starts) if (starts > 1) found.push(`${id} was started ${starts} times`);
  const running = new Set<string>();
  for (const container of machine.containers.values()) {
    if (recordAt(container, clock.now())?.state.phase !== 'running') continue;
    const name = `${container.podUid}.${container.container}`;
    if (running.has(name)) found.push(`${name} runs twice`);
    running.add(name);
  }
  return found;
}

/** What is left over where all is quiet: pods without an owner, sandboxes and containers without a pod, and the reverse. */
export function orphans({ disk, machine }: SimulatedWorld): readonly string[] {
  const uids = new Set(disk.objects('/').map(({ metadata }) => metadata.uid));
  const pods = podsOn(disk);
  const podUids = new Set(pods.map(({ metadata }) => metadata.uid ?? ''));
  const found: string[] = [];
  for (const pod of pods) {
    if (!uids.has(controllerOf(pod)?.uid)) found.push(`pod ${pod.metadata.name} has no owner`);
    if (!machine.sandboxes.has(pod.metadata.uid ?? '')) found.push(`pod ${pod.metadata.name} has no sandbox`);
  }
  for (const podUid of machine.sandboxes.keys())
    if (!podUids.has(podUid)) found.push(`sandbox ${podUid} has no pod`);
  for (const { id, podUid } of machine.containers.values())
    if (!podUids.has(podUid)) found.push(`container ${id} has no pod`);
  for (const podUid of machine.volumes.keys())
    if (!podUids.has(podUid)) found.push(`volumes of ${podUid} have no pod`);
  return found;
}

/** What the status branch says, against what the daemon reports; null where it says just that. */
export async function statusBranchLag({ git, daemon }: SimulatedWorld): Promise<string | null> {
  const report = daemon().report();
  const head = git.refs.get('refs/heads/pintle/status');
  if (report === null || head === undefined) return 'there is no status yet';
  const { message } = await memoryRepository(git).commit(head);
  const digest = trailerOf(message, statusTrailers.digest);
  const revision = trailerOf(message, statusTrailers.revision);
  return digest === statusTreeOf(report).digest && revision === report.revision
    ? null
    : `the branch shows ${revision} (${digest}), the daemon ${report.revision}`;
}
