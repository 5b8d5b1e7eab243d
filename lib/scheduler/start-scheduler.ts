import { isApiError } from '../api/api-error.ts';
import type { Caller, Client } from '../api/client.ts';
import { eventRecorder } from '../api/event-recorder.ts';
import type { Informers } from '../api/informers.ts';
import type { Clock } from '../base/clock.ts';
import { assertNever } from '../base/errors.ts';
import { deepEqual } from '../base/json.ts';
import type { Log } from '../base/log.ts';
import type { Node, Pod } from '../schema/types.gen.ts';
import { bindPods } from './bind-pods.ts';
import { type Binding, decideScheduling, scheduledStatus, type Unschedulable } from './decide.ts';
import { passLoop } from './pass-loop.ts';
import { holdsRoom, type PendingPods, pendingPods, SCHEDULER_NAME } from './pending-pods.ts';

const POD = { group: '', kind: 'Pod' } as const;
const NODE = { group: '', kind: 'Node' } as const;
const caller: Caller = { user: 'system:kube-scheduler', fieldManager: SCHEDULER_NAME };

export type Scheduler = {
  /** Resolves once a pass in flight has ended. */
  stop(): Promise<void>;
  /** No pass wanted or in flight, and the informer shows every binding. */
  idle(): boolean;
};

/**
 * Binds pods to nodes, all pending ones in one pass. A pod that was bound is counted on its node before the informer shows it.
 * One that found no node is parked: nothing but more room, another node or a change of its own gives it another try.
 */
export function startScheduler(deps: {
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly log: Log;
}): Scheduler {
  const { client, informers, clock } = deps;
  const log = deps.log.with({ component: SCHEDULER_NAME });
  const pods = informers.of<Pod>(POD);
  const nodes = informers.of<Node>(NODE);
  const events = eventRecorder({ client, clock, log: deps.log, component: SCHEDULER_NAME });
  const pending = pendingPods();

  const onBound = (binding: Binding): void => {
    const { pod, nodeName } = binding;
    pending.bound(binding);
    const message = `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${nodeName}`;
    events.record(pod, { type: 'Normal', reason: 'Scheduled', message });
  };
  const park = async ({ pod, reason, message }: Unschedulable): Promise<void> => {
    pending.park(pod);
    const status = scheduledStatus(pod, { bound: false, reason, message }, clock.now());
    if (deepEqual(status, pod.status)) return;
    if (reason === 'Unschedulable')
      events.record(pod, { type: 'Warning', reason: 'FailedScheduling', message });
    try {
      await client.update({ ...pod, status }, caller, { subresource: 'status' });
    } catch (failure) {
      if (!isApiError(failure, 'Conflict', 'NotFound')) throw failure;
      // It has changed or gone, and the change will be told: it is looked at again then.
      pending.unpark(pod);
    }
  };
  const pass = async (): Promise<void> => {
    const waiting = pending.waiting();
    if (waiting.length === 0) return;
    const assigned = assignedPods(pods.objects.values(), pending);
    const decision = decideScheduling({ nodes: [...nodes.objects.values()], assigned, pending: waiting });
    await bindPods(decision.bindings, { client, caller, now: clock.now(), onBound });
    for (const each of decision.unschedulable) await park(each);
  };
  const loop = passLoop({ clock, log, isReady: () => pods.isSynced && nodes.isSynced, pass });
  const reconsider = (): void => {
    pending.retryAll();
    loop.want();
  };
  const takePod = (change: { readonly before: Pod | undefined; readonly after: Pod | undefined }): void => {
    const news = pending.take(change);
    switch (news) {
      case 'to-schedule':
        loop.want();
        return;
      case 'room-freed':
        reconsider();
        return;
      case 'nothing':
        return;
      default:
        assertNever(news);
    }
  };
  for (const pod of pods.objects.values()) takePod({ before: undefined, after: pod });
  const subscriptions = [
    pods.onChange(takePod),
    nodes.onChange(({ before, after }) => {
      if (roomChanged(before, after)) reconsider();
    }),
  ];
  void Promise.all([pods.synced, nodes.synced]).then(loop.want);
  return {
    async stop() {
      for (const each of subscriptions) each.stop();
      await loop.stop();
      await events.flush();
    },
    idle: () => loop.idle() && pending.unseen().length === 0 && events.idle(),
  };
}

/** A node's status changes all the time; only what scheduling reads of it counts. */
function roomChanged(before: Node | undefined, after: Node | undefined): boolean {
  if (after === undefined || before === undefined) return true;
  return (
    !deepEqual(before.spec, after.spec) ||
    !deepEqual(before.metadata.labels, after.metadata.labels) ||
    !deepEqual(before.status?.allocatable, after.status?.allocatable)
  );
}

function assignedPods(pods: Iterable<Pod>, pending: PendingPods): readonly Binding[] {
  const assigned: Binding[] = [...pending.unseen()];
  for (const pod of pods) if (holdsRoom(pod)) assigned.push({ pod, nodeName: pod.spec.nodeName ?? '' });
  return assigned;
}
