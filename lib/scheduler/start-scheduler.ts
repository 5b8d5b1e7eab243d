import { isApiError } from '../api/api-error.ts';
import type { Caller, Client, Operation } from '../api/client.ts';
import { eventRecorder } from '../api/event-recorder.ts';
import type { Change } from '../api/informer.ts';
import type { Informers } from '../api/informers.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { messageOf, WorldError } from '../base/errors.ts';
import { deepEqual } from '../base/json.ts';
import { limits, timings } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import { refOf } from '../schema/object.ts';
import { isPodTerminal } from '../schema/pod-conditions.ts';
import type { Node, Pod } from '../schema/types.gen.ts';
import { type Binding, decideScheduling, scheduledStatus, type Unschedulable } from './decide.ts';

const POD = { group: '', kind: 'Pod' } as const;
const NODE = { group: '', kind: 'Node' } as const;
const SCHEDULER = 'default-scheduler';
const caller: Caller = { user: `system:kube-scheduler`, fieldManager: SCHEDULER };

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
  const log = deps.log.with({ component: SCHEDULER });
  const pods = informers.of<Pod>(POD);
  const nodes = informers.of<Node>(NODE);
  const events = eventRecorder({ client, clock, log: deps.log, component: SCHEDULER });
  /** By uid: bound by us, the informer is yet to show it. */
  const bound = new Map<string, Binding>();
  /** By uid: pods without a node. Kept here so that a pass does not walk over all pods for them. */
  const pending = new Map<string, Pod>();
  const parked = new Set<string>();
  let wanted = false;
  let stopped = false;
  let running: Promise<void> | null = null;
  let retry: Timer | null = null;
  let failures = 0;

  const want = (): void => {
    if (wanted || stopped) return;
    wanted = true;
    queueMicrotask(run);
  };
  const run = (): void => {
    if (running !== null || !wanted || stopped || !pods.isSynced || !nodes.isSynced) return;
    wanted = false;
    running = pass().finally(() => {
      running = null;
      if (wanted) queueMicrotask(run);
    });
  };
  const pass = async (): Promise<void> => {
    const waiting = [...pending].filter(([uid]) => !parked.has(uid) && !bound.has(uid)).map(([, pod]) => pod);
    if (waiting.length === 0) return;
    const decision = decideScheduling({
      nodes: [...nodes.objects.values()],
      assigned: assignedPods(pods.objects.values(), bound),
      pending: waiting,
    });
    try {
      await bindAll(decision.bindings);
      for (const each of decision.unschedulable) await park(each);
      failures = 0;
    } catch (failure) {
      if (!(failure instanceof WorldError) && !isApiError(failure)) throw failure;
      failures += 1;
      const delayMs = Math.min(
        timings.schedulerRetryMaxMs,
        timings.schedulerRetryMinMs * 2 ** (failures - 1),
      );
      log.warn('scheduling-failed', { failure: messageOf(failure), delayMs });
      retry?.cancel();
      retry = clock.setTimer(delayMs, want);
    }
  };
  const bindAll = async (bindings: readonly Binding[]): Promise<void> => {
    for (let at = 0; at < bindings.length; at += limits.bindingsPerTransactionMax) {
      const batch = bindings.slice(at, at + limits.bindingsPerTransactionMax);
      if (await bind(batch)) continue;
      // One of them is gone or has changed: the others are bound one by one, and that one waits for its change.
      for (const each of batch) await bind([each]);
    }
  };
  const bind = async (bindings: readonly Binding[]): Promise<boolean> => {
    const operations = bindings.flatMap((each) => bindingOperations(each, clock.now()));
    try {
      await client.transact(operations, caller);
    } catch (failure) {
      if (!isApiError(failure, 'Conflict', 'NotFound', 'Invalid')) throw failure;
      log.debug('binding-refused', { pods: bindings.length, failure: failure.message });
      return false;
    }
    for (const binding of bindings) {
      const { pod, nodeName } = binding;
      const { uid = '', namespace = '', name } = pod.metadata;
      if (pending.has(uid)) bound.set(uid, binding);
      const message = `Successfully assigned ${namespace}/${name} to ${nodeName}`;
      events.record(pod, { type: 'Normal', reason: 'Scheduled', message });
    }
    return true;
  };
  const park = async ({ pod, reason, message }: Unschedulable): Promise<void> => {
    parked.add(pod.metadata.uid ?? '');
    const status = scheduledStatus(pod, { bound: false, reason, message }, clock.now());
    if (deepEqual(status, pod.status)) return;
    if (reason === 'Unschedulable')
      events.record(pod, { type: 'Warning', reason: 'FailedScheduling', message });
    try {
      await client.update({ ...pod, status }, caller, { subresource: 'status' });
    } catch (failure) {
      // It has changed or gone; the change takes it out of the car park.
      if (!isApiError(failure, 'Conflict', 'NotFound')) throw failure;
    }
  };

  const podChanged = ({ before, after }: Pick<Change<Pod>, 'before' | 'after'>): void => {
    const uid = (after ?? before)?.metadata.uid ?? '';
    if (after !== undefined && isPending(after)) {
      pending.set(uid, after);
      if (before === undefined || !deepEqual(before.spec, after.spec)) parked.delete(uid);
      want();
      return;
    }
    pending.delete(uid);
    parked.delete(uid);
    bound.delete(uid);
    if (before !== undefined && holdsRoom(before) && (after === undefined || !holdsRoom(after))) reconsider();
  };
  const reconsider = (): void => {
    parked.clear();
    want();
  };
  for (const pod of pods.objects.values()) podChanged({ before: undefined, after: pod });
  const subscriptions = [
    pods.onChange(podChanged),
    nodes.onChange(({ before, after }) => {
      if (roomChanged(before, after)) reconsider();
    }),
  ];
  void Promise.all([pods.synced, nodes.synced]).then(want);
  return {
    async stop() {
      stopped = true;
      for (const each of subscriptions) each.stop();
      retry?.cancel();
      await running;
      await events.flush();
    },
    idle: () =>
      !wanted && running === null && bound.size === 0 && events.idle() && pods.isSynced && nodes.isSynced,
  };
}

function isPending(pod: Pod): boolean {
  const { schedulerName = SCHEDULER, nodeName = '' } = pod.spec;
  const going = pod.metadata.deletionTimestamp !== undefined;
  return nodeName === '' && !going && !isPodTerminal(pod) && schedulerName === SCHEDULER;
}

function holdsRoom(pod: Pod): boolean {
  return (pod.spec.nodeName ?? '') !== '' && !isPodTerminal(pod);
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

function assignedPods(pods: Iterable<Pod>, bound: ReadonlyMap<string, Binding>): readonly Binding[] {
  const assigned: Binding[] = [...bound.values()];
  for (const pod of pods) if (holdsRoom(pod)) assigned.push({ pod, nodeName: pod.spec.nodeName ?? '' });
  return assigned;
}

/** The node's name and the condition that says so, together. Only for the very pod that was decided on. */
function bindingOperations({ pod, nodeName }: Binding, now: number): readonly Operation[] {
  const { uid = '', resourceVersion = '' } = pod.metadata;
  const ref = refOf(pod);
  const { conditions = [] } = scheduledStatus(pod, { bound: true }, now);
  return [
    {
      op: 'patch',
      ref,
      patch: { type: 'json', operations: [{ op: 'add', path: '/spec/nodeName', value: nodeName }] },
      preconditions: { uid, resourceVersion },
    },
    {
      op: 'patch',
      ref,
      patch: { type: 'json', operations: [{ op: 'add', path: '/status/conditions', value: conditions }] },
      subresource: 'status',
    },
  ];
}
