import type { EpochMs } from '../../base/clock.ts';
import { isPodReady, podAvailableAt } from '../../schema/pod-conditions.ts';
import type { DaemonSet, DaemonSetStatus, Node } from '../../schema/types.gen.ts';
import { earlier } from '../harness/decision.ts';
import { isUpdated } from '../revisions/revision-of-pod.ts';
import { placementOf } from './placement.ts';
import type { PodsByNode } from './pods-by-node.ts';

/**
 * Counts nodes by the eldest pod on each. Those that Kubernetes' type allows to be left out are, when zero.
 * Source: upstream updateDaemonSetStatus.
 */
export function statusOf(
  input: {
    readonly daemonSet: DaemonSet;
    readonly nodes: readonly Node[];
    readonly pods: PodsByNode;
    readonly hash: string;
    readonly collisionCount: number | undefined;
  },
  now: EpochMs,
): { readonly status: DaemonSetStatus; readonly nextAvailableAtMs: EpochMs | null } {
  const { daemonSet, pods, hash, collisionCount } = input;
  const { metadata, spec, status: before } = daemonSet;
  let [desired, current, misplaced, ready, available, updated] = [0, 0, 0, 0, 0, 0];
  let nextAvailableAtMs: EpochMs | null = null;
  for (const node of input.nodes) {
    const [pod] = pods.get(node.metadata.name) ?? [];
    if (!placementOf(daemonSet, node).run) {
      if (pod !== undefined) misplaced += 1;
      continue;
    }
    desired += 1;
    if (pod === undefined) continue;
    current += 1;
    if (isPodReady(pod)) ready += 1;
    if (isUpdated(pod, hash)) updated += 1;
    const at = podAvailableAt(pod, spec.minReadySeconds ?? 0);
    if (at !== null && at <= now) available += 1;
    else if (at !== null) nextAvailableAtMs = earlier(nextAvailableAtMs, at);
  }
  const count = (key: string, value: number): Readonly<Record<string, number>> =>
    value > 0 ? { [key]: value } : {};
  const status: DaemonSetStatus = {
    currentNumberScheduled: current,
    desiredNumberScheduled: desired,
    numberMisscheduled: misplaced,
    numberReady: ready,
    ...count('numberAvailable', available),
    ...count('numberUnavailable', desired - available),
    ...count('updatedNumberScheduled', updated),
    ...(metadata.generation !== undefined && { observedGeneration: metadata.generation }),
    ...(collisionCount !== undefined && { collisionCount }),
    ...(before?.conditions !== undefined && { conditions: before.conditions }),
  };
  return { status, nextAvailableAtMs };
}
