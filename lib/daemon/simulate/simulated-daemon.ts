import type { Caller } from '../../api/client.ts';
import { timings } from '../../base/limits.ts';
import { silentLog } from '../../base/log.ts';
import type { ManualClock } from '../../base/manual-clock.ts';
import { seededRandom } from '../../base/random.ts';
import type { ImageVerdict } from '../../runtime/driver.ts';
import { imageVerdict } from '../../runtime/process/image-verdict.ts';
import type { KindRef, KubeObject } from '../../schema/object.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { memoryStore } from '../../store/memory-store.ts';
import { type Daemon, startDaemon } from '../daemon.ts';
import { assumingDriver } from './assuming-driver.ts';
import type { ClusterSnapshot } from './cluster-snapshot.ts';
import { fixedRepository } from './fixed-repository.ts';
import { machineOfPods } from './machine-of-pods.ts';

export const onlooker: Caller = { user: 'system:pintle', groups: ['system:masters'], fieldManager: 'pintle' };

export type Change = { readonly object: KubeObject; readonly change: 'there' | 'changed' | 'gone' };

/** A whole daemon on a manual clock, over a copy of what a real one has; the same seed makes the same names. */
export type SimulatedDaemon = {
  readonly daemon: Daemon;
  /** What has changed so far, of the kinds that were asked for. */
  readonly changes: () => number;
};

const SEED = 1;
/** Starting takes a few timers at most. */
const START_MS = 60_000;

export async function simulatedDaemon(
  snapshot: ClusterSnapshot,
  options: {
    readonly clock: ManualClock;
    readonly kinds: readonly KindRef[];
    /** Hears what is there, then every change. */
    readonly onChange: (change: Change) => void;
    readonly onStart: (daemon: Daemon) => void;
  },
): Promise<SimulatedDaemon> {
  const { clock } = options;
  const { settings, access } = snapshot;
  const state = machineOfPods(podsIn(snapshot), clock.now());
  const random = seededRandom(SEED);
  const store = memoryStore({ snapshot: snapshot.store });
  const driver = assumingDriver({
    ...{ clock, random, state },
    verdictOf: (image) => knownVerdict(snapshot, image),
    podAt: ({ namespace, name }) => {
      const entry = store.read(`//pods/${namespace}/${name}`);
      return entry === undefined ? undefined : podFrom(entry.value);
    },
  });
  let count = 0;
  const hear = (change: Change): void => {
    if (change.change !== 'there') count += 1;
    options.onChange(change);
  };
  let started: Daemon | null = null;
  let failure: unknown = null;
  const start = async (): Promise<void> => {
    const daemon = await startDaemon(settings, {
      ...{ clock, random, store, driver, network: null, machine: snapshot.machine, log: silentLog() },
      repository: fixedRepository({
        location: settings.source.location,
        branch: settings.source.branch,
        tree: snapshot.tree,
      }),
      ...(access && { access: { ...access, issueToken: () => tokenAt(clock.now()) } }),
    });
    options.onStart(daemon);
    for (const kind of options.kinds) await follow(daemon, kind, hear);
    started = daemon;
  };
  start().catch((thrown: unknown) => {
    failure = thrown;
  });
  await clock.runUntil(() => started !== null || failure !== null, {
    withinMs: START_MS,
    what: 'the daemon to start',
  });
  if (failure !== null) throw failure;
  const daemon = started as Daemon | null;
  if (daemon === null) throw failure;
  return { daemon, changes: () => count };
}

/** Lists a kind and hears all that becomes of it; a watch that is too far behind is begun anew. */
async function follow(daemon: Daemon, kind: KindRef, hear: (change: Change) => void): Promise<void> {
  const { items, resourceVersion } = await daemon.client.list(kind, {}, onlooker);
  for (const object of items) hear({ object, change: 'there' });
  daemon.client.watch(
    kind,
    { resourceVersion },
    {
      onEvents(events) {
        for (const event of events)
          if (event.type !== 'BOOKMARK')
            hear({ object: event.object, change: event.type === 'DELETED' ? 'gone' : 'changed' });
      },
      onExpired: () => void follow(daemon, kind, hear),
    },
    onlooker,
  );
}

/** No program reads it. */
function tokenAt(now: number) {
  return { token: 'simulated', issuedMs: now, expiresMs: now + timings.tokenAgeMaxMs };
}

/** What is known of an image without looking for it: `process` has but one. */
function knownVerdict({ runtime, settings }: ClusterSnapshot, image: string): ImageVerdict | null {
  return runtime === 'process' ? imageVerdict(image, settings.assumeHostImages === true) : null;
}

function podsIn({ store }: ClusterSnapshot): readonly Pod[] {
  return store.entries.filter(({ key }) => key.startsWith('//pods/')).map(({ value }) => podFrom(value));
}

function podFrom(value: Uint8Array): Pod {
  return JSON.parse(Buffer.from(value).toString('utf8')) as Pod;
}
