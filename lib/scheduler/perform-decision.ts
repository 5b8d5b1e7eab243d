import type { Caller, Client, Operation } from '../api/client.ts';
import type { EventRecorder } from '../api/event-recorder.ts';
import type { Clock } from '../base/clock.ts';
import { deepEqual } from '../base/json.ts';
import type { Pod } from '../schema/types.gen.ts';
import type { Binding, SchedulingDecision, Unschedulable } from './decide.ts';
import {
  bindOperations,
  evictOperations,
  selectNodeOperation,
  statusOperations,
  waitingStatus,
} from './pod-writes.ts';
import { forget, type SchedulerState } from './take-pod.ts';
import { writeInBatches } from './write-in-batches.ts';

type By = {
  readonly state: SchedulerState;
  readonly client: Client;
  readonly caller: Caller;
  readonly clock: Clock;
  readonly events: EventRecorder;
};

/** Does what was decided, and tells the state what became of it. `ready`: bindings of before whose volumes have come. */
export async function performDecision(
  { bindings, unschedulable }: SchedulingDecision,
  by: By & { readonly ready: readonly Binding[] },
): Promise<void> {
  await bind([...by.ready, ...bindings.filter(({ volumes }) => volumes.length === 0)], by);
  await selectNodes(
    bindings.filter(({ volumes }) => volumes.length > 0),
    by,
  );
  await park(unschedulable, by);
  for (const each of unschedulable) await makeRoom(each, by);
}

async function bind(bindings: readonly Binding[], by: By): Promise<void> {
  const { state, client, caller, clock, events } = by;
  await writeInBatches(bindings, {
    client,
    caller,
    operations: (each) => bindOperations(asItIs(each, state), clock.now()),
    onDone({ pod, nodeName }) {
      const { uid = '', namespace = '', name } = pod.metadata;
      // The informer may be ahead of us.
      if (state.pending.get(uid) !== undefined) state.unseen.add(uid);
      const message = `Successfully assigned ${namespace}/${name} to ${nodeName}`;
      events.record(pod, { type: 'Normal', reason: 'Scheduled', message });
    },
    onRefused: (each) => takeBack(each, by),
  });
  if (bindings.length > 0) state.pending.wake('pod-placed', clock.now());
}

/** With the pod's latest version: while it waited for its volumes its status may have changed. */
function asItIs(binding: Binding, { pending }: SchedulerState): Binding {
  const pod = binding.volumes.length > 0 ? pending.get(binding.pod.metadata.uid ?? '') : undefined;
  return pod === undefined ? binding : { ...binding, pod };
}

/** It has changed or is gone. Where the informer shows it pending still, it is tried again. */
function takeBack({ pod }: Binding, { state, clock }: By): void {
  forget(pod, state, clock.now());
  state.pending.retry(pod.metadata.uid ?? '', clock.now());
}

/** CRASH: the claims have their node, and the pod is tried on that node first after the next start. */
async function selectNodes(bindings: readonly Binding[], by: By): Promise<void> {
  const { state, client, caller, clock } = by;
  await writeInBatches(bindings, {
    client,
    caller,
    operations: ({ volumes, nodeName }) => volumes.map(({ claim }) => selectNodeOperation(claim, nodeName)),
    onDone: (each) => state.awaited.add(each, clock.now()),
    onRefused: (each) => takeBack(each, by),
  });
}

async function park(unschedulable: readonly Unschedulable[], by: By): Promise<void> {
  const { state, client, caller, clock, events } = by;
  const now = clock.now();
  const news: { readonly each: Unschedulable; readonly operations: readonly Operation[] }[] = [];
  for (const each of unschedulable) {
    const { pod, reason, message, blockers } = each;
    state.pending.park(pod, blockers, now);
    const status = waitingStatus(each, now);
    if (deepEqual(status, pod.status)) continue;
    if (reason === 'Unschedulable')
      events.record(pod, { type: 'Warning', reason: 'FailedScheduling', message });
    news.push({ each, operations: statusOperations(pod, status) });
  }
  await writeInBatches(news, {
    client,
    caller,
    operations: ({ operations }) => operations,
    onDone: () => undefined,
    // It has changed or gone, and the change will be told: it is looked at again then.
    onRefused: ({ each }) => state.pending.retry(each.pod.metadata.uid ?? '', now),
  });
}

/** CRASH: the pod is nominated, and whoever is still on the node is pushed off it at the next try. */
async function makeRoom({ pod, preemption }: Unschedulable, by: By): Promise<void> {
  if (preemption === null) return;
  const { client, caller, clock, events, state } = by;
  const { nodeName, victims, displaced } = preemption;
  await writeInBatches(
    victims.filter(({ metadata }) => metadata.deletionTimestamp === undefined),
    {
      client,
      caller,
      operations: (victim) => evictOperations(victim, clock.now()),
      onDone(victim) {
        const message = `Preempted by pod ${pod.metadata.uid ?? ''} on node ${nodeName}`;
        events.record(victim, { type: 'Normal', reason: 'Preempted', message });
      },
      // Gone, or not the one that was seen: the next look decides anew.
      onRefused: () => undefined,
    },
  );
  await writeInBatches(displaced.map((each) => state.pending.get(each.metadata.uid ?? '')).filter(isPod), {
    client,
    caller,
    operations: (each) => statusOperations(each, { ...each.status, nominatedNodeName: undefined }),
    onDone: () => undefined,
    onRefused: () => undefined,
  });
}

function isPod(pod: Pod | undefined): pod is Pod {
  return pod !== undefined;
}
