import type { EpochMs } from '../base/clock.ts';
import { deepEqual } from '../base/json.ts';
import type { Pod } from '../schema/types.gen.ts';
import type { AwaitedVolumes } from './awaited-volumes.ts';
import type { PodFacts } from './facts/pod-facts.ts';
import { podFacts } from './facts/pod-facts.ts';
import { holdsRoom, isToSchedule } from './is-to-schedule.ts';
import type { PendingPods } from './queue/pending-pods.ts';
import type { Cluster } from './state/cluster.ts';

/** What the scheduler knows, as far as pods change it. */
export type SchedulerState = {
  readonly cluster: Cluster;
  readonly pending: PendingPods;
  readonly awaited: AwaitedVolumes;
  /** Bound by us, and not seen on their nodes yet. */
  readonly unseen: Set<string>;
};

/** Takes in how the API has a pod; the change need not be the next one after that which was taken in before. */
export function takePod(
  { before, after }: { readonly before: Pod | undefined; readonly after: Pod | undefined },
  state: SchedulerState,
  now: EpochMs,
): void {
  const { cluster, pending, unseen } = state;
  // Deleted and made anew between two looks.
  if (before !== undefined && after !== undefined && before.metadata.uid !== after.metadata.uid)
    forget(before, state, now);
  const pod = after ?? before;
  if (pod === undefined) return;
  const uid = pod.metadata.uid ?? '';
  if (after !== undefined && isToSchedule(after)) {
    pending.set(after, now);
    // It is counted on its node as it was decided on.
    if (cluster.placed(uid) === undefined) nominate(after, cluster);
    return;
  }
  pending.delete(uid);
  unseen.delete(uid);
  if (after === undefined || !holdsRoom(after)) {
    forget(pod, state, now);
    return;
  }
  state.awaited.delete(uid);
  const facts = podFacts(after);
  cluster.nominate(facts, null);
  place(facts, state, now);
}

function nominate(pod: Pod, cluster: Cluster): void {
  const { nominatedNodeName = '' } = pod.status ?? {};
  cluster.nominate(podFacts(pod), nominatedNodeName === '' ? null : nominatedNodeName);
}

/** A pod's status changes often; what it takes of the node hardly ever. */
function place(facts: PodFacts, { cluster, pending }: SchedulerState, now: EpochMs): void {
  const nodeName = facts.pod.spec.nodeName ?? '';
  const before = cluster.placed(facts.uid);
  if (before?.nodeName === nodeName && isAlike(before.facts, facts)) return;
  cluster.place(facts, nodeName);
  const isTold = before?.nodeName === nodeName && deepEqual(before.facts.labels, facts.labels);
  if (!isTold) pending.wake('pod-placed', now, ({ metadata }) => metadata.uid !== facts.uid);
  // Spread counts no pods that are on their way out.
  if (facts.isTerminating && before?.facts.isTerminating === false) pending.wake('pod-leaving', now);
}

function isAlike(a: PodFacts, b: PodFacts): boolean {
  return (
    a.isTerminating === b.isTerminating &&
    a.pod.status?.startTime === b.pod.status?.startTime &&
    deepEqual(a.pod.spec, b.pod.spec) &&
    deepEqual(a.labels, b.labels)
  );
}

/** It is nowhere any more, or nowhere yet. */
export function forget(pod: Pod, state: SchedulerState, now: EpochMs): void {
  const { cluster, pending, awaited, unseen } = state;
  const uid = pod.metadata.uid ?? '';
  awaited.delete(uid);
  unseen.delete(uid);
  cluster.nominate(podFacts(pod), null);
  for (const [volume, claim] of cluster.takenVolumes)
    if (podFacts(pod).claims.some((name) => claim === `${podFacts(pod).namespace}/${name}`))
      cluster.releaseVolume(volume);
  if (cluster.placed(uid) === undefined) return;
  cluster.remove(uid);
  pending.wake('pod-removed', now);
}
