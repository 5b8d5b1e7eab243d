import { timings } from '../../base/limits.ts';
import { silentLog } from '../../base/log.ts';
import type { ManualClock } from '../../base/manual-clock.ts';
import { seededRandom } from '../../base/random.ts';
import type { ImageVerdict } from '../../runtime/driver.ts';
import { imageVerdict } from '../../runtime/process/image-verdict.ts';
import type { ManifestDirectory } from '../../runtime/static/manifest-directory.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { memoryStore } from '../../store/memory-store.ts';
import { type Daemon, startDaemon } from '../daemon.ts';
import { assumingDriver } from './assuming-driver.ts';
import type { ClusterSnapshot } from './cluster-snapshot.ts';
import { fixedRepository } from './fixed-repository.ts';
import { type FollowedRollout, followRollout } from './follow-rollout.ts';
import { machineOfPods } from './machine-of-pods.ts';

/** One seed: the same snapshot has the same future, names of pods and all. */
const SEED = 1;
/** Starting takes a few timers at most. */
const START_MS = 60_000;

/** A whole daemon over a copy of what a real one has, and what it does from its start on. */
export async function simulatedDaemon(
  snapshot: ClusterSnapshot,
  clock: ManualClock,
): Promise<{ readonly daemon: Daemon; readonly rollout: FollowedRollout }> {
  const { settings, access } = snapshot;
  const { location, branch } = settings.source;
  const random = seededRandom(SEED);
  const store = memoryStore({ snapshot: snapshot.store });
  const driver = assumingDriver({
    ...{ clock, random, state: machineOfPods(podsIn(snapshot), clock.now()) },
    verdictOf: (image) => knownVerdict(snapshot, image),
    podAt: ({ namespace, name }) => {
      const entry = store.read(`//pods/${namespace}/${name}`);
      return entry === undefined ? undefined : podFrom(entry.value);
    },
  });
  const start = async () => {
    const daemon = await startDaemon(settings, {
      ...{ clock, random, store, driver, network: null, machine: snapshot.machine, log: silentLog() },
      repository: fixedRepository({ location, branch, tree: snapshot.tree }),
      openManifests: unreadDirectory,
      ...(access && { access: { ...access, issueToken: () => tokenAt(clock.now()) } }),
    });
    return { daemon, rollout: await followRollout(daemon, clock) };
  };
  const starting = start();
  let isOver = false;
  const over = (): void => {
    isOver = true;
  };
  starting.then(over, over);
  await clock.runUntil(() => isOver, { withinMs: START_MS, what: 'the daemon to start' });
  return starting;
}

/** A disk answers in its own time, which this clock does not wait for. Static pods are those that their mirrors show. */
function unreadDirectory(name: string): ManifestDirectory {
  return {
    name,
    read: async () => ({ trouble: 'a simulation does not look into it' }),
    follow: () => ({ stop() {} }),
  };
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
