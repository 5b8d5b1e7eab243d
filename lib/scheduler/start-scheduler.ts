import type { Caller, Client } from '../api/client.ts';
import { eventRecorder } from '../api/event-recorder.ts';
import type { Informers } from '../api/informers.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { Pod } from '../schema/types.gen.ts';
import { awaitedVolumes } from './awaited-volumes.ts';
import { decideOn } from './decide.ts';
import { SCHEDULER_NAME } from './is-to-schedule.ts';
import { passLoop } from './pass-loop.ts';
import { performDecision } from './perform-decision.ts';
import { pendingPods } from './queue/pending-pods.ts';
import { forget, type SchedulerState, takePod } from './take-pod.ts';
import { watchCluster } from './watch-cluster.ts';

const POD = { group: '', kind: 'Pod' } as const;
const caller: Caller = { user: 'system:kube-scheduler', fieldManager: SCHEDULER_NAME };

export type Scheduler = {
  /** Resolves once a pass in flight has ended. */
  stop(): Promise<void>;
  /** No pass wanted or in flight, and the informer shows every binding. */
  idle(): boolean;
};

/**
 * Binds pods to nodes, some in each pass, the most important first. What was decided is counted before the informers show it. A pod that
 * found no node is parked: only what could help, a change of its own or five minutes give it another try, and never before its back-off.
 */
export function startScheduler(deps: {
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly log: Log;
}): Scheduler {
  const { client, informers, clock } = deps;
  const log = deps.log.with({ component: SCHEDULER_NAME });
  const events = eventRecorder({ client, clock, log: deps.log, component: SCHEDULER_NAME });
  const pods = informers.of<Pod>(POD);
  const pending = pendingPods();
  const loop = passLoop({
    clock,
    log,
    isReady: () => pods.isSynced && watched.isSynced(),
    pass: () => pass(),
  });
  const watched = watchCluster(informers, (event) => {
    pending.wake(event, clock.now());
    loop.want();
  });
  const { cluster } = watched;
  const awaited = awaitedVolumes(watched.claim);
  const state: SchedulerState = { cluster, pending, awaited, unseen: new Set() };
  const start = { at: 0 };
  let timer: Timer | null = null;

  const undo = (pod: Pod): void => {
    forget(pod, state, clock.now());
    pending.retry(pod.metadata.uid ?? '', clock.now());
  };
  const pass = async (): Promise<void> => {
    const now = clock.now();
    const { ready, late } = awaited.take(now);
    for (const { pod } of late) undo(pod);
    const waiting = pending.take(limits.schedulerPassPodsMax, now);
    const decision = decideOn(cluster, { pending: waiting, budgets: watched.budgets(), start });
    try {
      await performDecision(decision, { state, ready, client, caller, clock, events });
    } catch (failure) {
      // What could not be written is decided anew: by then the cluster may be another.
      const all = [...waiting, ...ready.map(({ pod }) => pod)];
      for (const pod of all) if (isStillWaiting(pod, state)) undo(pod);
      throw failure;
    }
    rest();
  };
  /** Goes on at once where there is more to do, or when the next one is due. */
  const rest = (): void => {
    timer?.cancel();
    timer = null;
    const due = [pending.nextAt(), awaited.nextAt()].filter((at) => at !== null);
    if (due.length === 0) return;
    const delayMs = Math.min(...due) - clock.now();
    if (delayMs <= 0) loop.want();
    else timer = clock.setTimer(delayMs, loop.want);
  };
  const onPod = (change: { readonly before: Pod | undefined; readonly after: Pod | undefined }): void => {
    takePod(change, state, clock.now());
    loop.want();
  };
  for (const pod of pods.objects.values()) onPod({ before: undefined, after: pod });
  const subscription = pods.onChange(onPod);
  void Promise.all([pods.synced, watched.synced]).then(loop.want);
  return {
    async stop() {
      subscription.stop();
      watched.stop();
      await loop.stop();
      timer?.cancel();
      await events.flush();
    },
    idle: () => loop.idle() && state.unseen.size === 0 && events.idle(),
  };
}

/** Neither bound, nor given a node whose volumes are on their way. */
function isStillWaiting({ metadata }: Pod, { pending, unseen, awaited }: SchedulerState): boolean {
  const uid = metadata.uid ?? '';
  return pending.get(uid) !== undefined && !unseen.has(uid) && !awaited.has(uid);
}
