import type { Caller } from '../../api/client.ts';
import type { Clock, DurationMs } from '../../base/clock.ts';
import { type KindRef, type KubeObject, type ObjectRef, refText } from '../../schema/object.ts';
import type { DaemonEvent } from '../control-protocol.ts';
import type { Daemon } from '../daemon.ts';
import { type RolloutRecorder, recordedKinds, rolloutRecorder } from './rollout-recorder.ts';
import type { RolloutStep } from './rollout-step.ts';

const onlooker: Caller = { user: 'system:pintle', groups: ['system:masters'], fieldManager: 'pintle' };

/** What a daemon does from here on, as steps. */
export type FollowedRollout = {
  readonly recorder: RolloutRecorder;
  /** What the revision changed, by name (`Deployment shop/web`). */
  readonly touched: ReadonlySet<string>;
  /** Workloads and pods as they are, by uid. */
  readonly objects: ReadonlyMap<string, KubeObject>;
  /** Of what the revision touched; what goes on beside it (a CronJob's runs) is none of a rollout. */
  steps(): readonly RolloutStep[];
  /** When the last of them was, from the beginning; 0 before the first. */
  lastStepMs(): DurationMs;
  /** How many changes have been seen. */
  changes(): number;
};

/** Follows a daemon that has done nothing yet. */
export async function followRollout(daemon: Daemon, clock: Clock): Promise<FollowedRollout> {
  const recorder = rolloutRecorder(clock.now());
  const touched = new Set<string>();
  const objects = new Map<string, KubeObject>();
  let count = 0;
  daemon.subscribe((event) => {
    const now = clock.now();
    const refOf = (label: string): ObjectRef | null =>
      daemon.report()?.objects.find(({ ref }) => refText(ref) === label)?.ref ?? null;
    recordEvent(event, { recorder, touched, refOf, now });
  });
  const isOurs = ({ workload }: RolloutStep): boolean => workload === null || isTouched(workload, touched);
  const hear = (object: KubeObject, change: 'there' | 'changed' | 'gone'): void => {
    const { uid = '' } = object.metadata;
    if (change === 'gone') objects.delete(uid);
    else if (object.kind !== 'Event') objects.set(uid, object);
    if (change !== 'there') count += 1;
    recorder.see(object, change, clock.now());
  };
  for (const kind of recordedKinds) await followKind(daemon, kind, hear);
  return {
    ...{ recorder, touched, objects },
    steps: () => recorder.steps().filter(isOurs),
    lastStepMs: () => recorder.steps().findLast(isOurs)?.atMs ?? 0,
    changes: () => count,
  };
}

/** Takes from a daemon's events what they say of a rollout. */
export function recordEvent(
  event: DaemonEvent,
  to: {
    readonly recorder: RolloutRecorder;
    readonly touched: Set<string>;
    readonly refOf: (label: string) => ObjectRef | null;
    readonly now: number;
  },
): void {
  const { recorder, touched, refOf, now } = to;
  switch (event.type) {
    case 'object':
      touched.add(event.object);
      recorder.add({ kind: 'applied', workload: null, changes: [`${event.action} ${event.object}`] }, now);
      break;
    case 'health': {
      if (event.state !== 'Healthy' || !touched.has(event.object)) break;
      const workload = refOf(event.object);
      if (workload !== null && RUN.has(workload.kind)) recorder.add({ kind: 'healthy', workload }, now);
      break;
    }
    case 'hold': {
      touched.add(event.object);
      const { evidence, mode } = event;
      const takenBack = mode === 'hold';
      recorder.add({ kind: 'failed', workload: refOf(event.object), evidence, takenBack }, now);
      break;
    }
    default:
  }
}

/** Kinds whose becoming healthy takes time, and is worth a step. */
const RUN: ReadonlySet<string> = new Set([
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController'],
  ...['Job', 'Pod', 'PersistentVolumeClaim'],
]);

/** What the revision changed, or serves and was disturbed by it. */
function isTouched(workload: ObjectRef, touched: ReadonlySet<string>): boolean {
  return touched.has(refText(workload)) || !['CronJob', 'Job'].includes(workload.kind);
}

/** Lists a kind and hears all that becomes of it; a watch that is too far behind is begun anew. */
async function followKind(
  daemon: Daemon,
  kind: KindRef,
  hear: (object: KubeObject, change: 'there' | 'changed' | 'gone') => void,
): Promise<void> {
  const { items, resourceVersion } = await daemon.client.list(kind, {}, onlooker);
  for (const object of items) hear(object, 'there');
  daemon.client.watch(
    kind,
    { resourceVersion },
    {
      onEvents(events) {
        for (const event of events)
          if (event.type !== 'BOOKMARK') hear(event.object, event.type === 'DELETED' ? 'gone' : 'changed');
      },
      onExpired: () => void followKind(daemon, kind, hear),
    },
    onlooker,
  );
}
