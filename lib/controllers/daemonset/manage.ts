import type { EpochMs } from '../../base/clock.ts';
import { isPodAvailable, isPodReady } from '../../schema/pod-conditions.ts';
import type { DaemonSet, Node, Pod } from '../../schema/types.gen.ts';
import { isUpdated } from '../revisions/revision-of-pod.ts';
import type { DaemonSetAction } from './decide.ts';
import { placementOf } from './placement.ts';
import { isGoing, type PodsByNode } from './pods-by-node.ts';

export type ManageInput = {
  readonly daemonSet: DaemonSet;
  readonly nodes: readonly Node[];
  readonly pods: PodsByNode;
  /** Of the present template. */
  readonly hash: string;
  /** Two pods to a node are allowed while the new one becomes available. */
  readonly surges: boolean;
  /** Until when a failed pod of a node is left there; null: no longer. */
  readonly retryAt: (node: string) => EpochMs | null;
};

export type Managed = {
  readonly actions: readonly DaemonSetAction[];
  readonly retryAtMs: readonly EpochMs[];
};

/**
 * One pod to every node that is to have one, none elsewhere; those that ended are taken away, and what comes after a failed
 * one waits longer each time. Which version a pod is of does not matter here. Source: upstream manage, podsShouldBeOnNode.
 */
export function manage(input: ManageInput, now: EpochMs): Managed {
  const { daemonSet, nodes, pods } = input;
  const perNode = nodes.map((node): Managed => {
    const there = pods.get(node.metadata.name) ?? [];
    const { run, keep } = placementOf(daemonSet, node);
    if (run && there.length === 0) {
      return { actions: [{ do: 'create', node: node.metadata.name }], retryAtMs: [] };
    }
    if (keep) return keepOne(input, { node: node.metadata.name, there }, now);
    return { actions: there.filter((pod) => !isGoing(pod)).map(misplaced), retryAtMs: [] };
  });
  const known = new Set(nodes.map(({ metadata }) => metadata.name));
  const stranded = [...pods]
    .filter(([node]) => !known.has(node))
    .flatMap(([, there]) => there.filter((pod) => !isGoing(pod) && (pod.spec.nodeName ?? '') === ''));
  return {
    actions: [...perNode.flatMap(({ actions }) => actions), ...stranded.map(misplaced)],
    retryAtMs: perNode.flatMap(({ retryAtMs }) => retryAtMs),
  };
}

function misplaced(pod: Pod): DaemonSetAction {
  return { do: 'delete', pod, because: 'misplaced' };
}

function keepOne(
  input: ManageInput,
  { node, there }: { readonly node: string; readonly there: readonly Pod[] },
  now: EpochMs,
): Managed {
  const actions: DaemonSetAction[] = [];
  const retryAtMs: EpochMs[] = [];
  const running: Pod[] = [];
  for (const pod of there) {
    if (isGoing(pod)) continue;
    const phase = pod.status?.phase;
    if (phase === 'Failed') {
      const at = input.retryAt(node);
      if (at !== null && at > now) retryAtMs.push(at);
      else actions.push({ do: 'delete', pod, because: 'failed' });
    } else if (phase === 'Succeeded') actions.push({ do: 'delete', pod, because: 'succeeded' });
    else running.push(pod);
  }
  const surplus = input.surges ? surplusOfSurge(input, running, now) : running.slice(1);
  const cut = surplus.map((pod): DaemonSetAction => ({ do: 'delete', pod, because: 'surplus' }));
  return { actions: [...actions, ...cut], retryAtMs };
}

/** One old and one new pod may be there; the old goes when it is not ready, or the new is available. */
function surplusOfSurge(input: ManageInput, running: readonly Pod[], now: EpochMs): readonly Pod[] {
  if (running.length <= 1) return [];
  const [newest, ...moreNew] = running.filter((pod) => isUpdated(pod, input.hash));
  const [oldest, ...moreOld] = running.filter((pod) => !isUpdated(pod, input.hash));
  const surplus = [...moreNew, ...moreOld];
  if (newest === undefined || oldest === undefined) return surplus;
  const minReadySeconds = input.daemonSet.spec.minReadySeconds ?? 0;
  const replaced = !isPodReady(oldest) || isPodAvailable(newest, minReadySeconds, now);
  return replaced ? [...surplus, oldest] : surplus;
}
