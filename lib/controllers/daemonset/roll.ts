import type { EpochMs } from '../../base/clock.ts';
import { isPodAvailable } from '../../schema/pod-conditions.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { isUpdated } from '../revisions/revision-of-pod.ts';
import type { Bounds } from './bounds.ts';
import type { DaemonSetAction } from './decide.ts';
import { isGoing } from './pods-by-node.ts';

export type RollInput = {
  /** The nodes that are to have a pod, and what they have. */
  readonly places: readonly { readonly node: string; readonly pods: readonly Pod[] }[];
  readonly hash: string;
  readonly minReadySeconds: number;
};

/** The one old and the one new pod of a node; null where it is in motion, and looked at again later. */
type Pair = { readonly old: Pod | null; readonly fresh: Pod | null };

function pairOf(pods: readonly Pod[], hash: string): Pair | null {
  if (pods.some(isGoing)) return null;
  const fresh = pods.filter((pod) => isUpdated(pod, hash));
  const old = pods.filter((pod) => !isUpdated(pod, hash));
  if (fresh.length > 1 || old.length > 1) return null;
  return { old: old[0] ?? null, fresh: fresh[0] ?? null };
}

/** The next step of a rolling update. Source: upstream rollingUpdate. */
export function roll(input: RollInput, bounds: Bounds, now: EpochMs): readonly DaemonSetAction[] {
  return bounds.maxSurge > 0 ? surge(input, bounds, now) : replace(input, bounds, now);
}

/**
 * Deletes old pods: those that are not available at once (nobody misses them), of the others as many as may be missing besides
 * what is missing already. What comes in their place is not decided here: the node lacks a pod then.
 */
function replace(input: RollInput, { maxUnavailable }: Bounds, now: EpochMs): readonly DaemonSetAction[] {
  const available = (pod: Pod): boolean => isPodAvailable(pod, input.minReadySeconds, now);
  let unavailable = 0;
  const broken: Pod[] = [];
  const candidates: Pod[] = [];
  for (const { pods } of input.places) {
    const pair = pairOf(pods, input.hash);
    const only =
      pair === null || (pair.old !== null && pair.fresh !== null) ? null : (pair.old ?? pair.fresh);
    if (only === null || !available(only)) unavailable += 1;
    if (only === null || only === pair?.fresh) continue;
    if (available(only)) candidates.push(only);
    else broken.push(only);
  }
  const room = Math.max(0, maxUnavailable - unavailable);
  return [...broken, ...candidates.slice(0, room)].map((pod) => ({ do: 'delete', pod, because: 'outdated' }));
}

/**
 * Puts a new pod beside the old one on as many nodes as may have two, where the old one is not available at once; an old pod
 * goes once the new one beside it is available.
 */
function surge(input: RollInput, { maxSurge }: Bounds, now: EpochMs): readonly DaemonSetAction[] {
  const available = (pod: Pod): boolean => isPodAvailable(pod, input.minReadySeconds, now);
  let surging = 0;
  const done: DaemonSetAction[] = [];
  const urgent: string[] = [];
  const candidates: string[] = [];
  for (const { node, pods } of input.places) {
    const pair = pairOf(pods, input.hash);
    if (pair === null) surging += 1;
    else if (pair.old === null) continue;
    else if (pair.fresh === null) (available(pair.old) ? candidates : urgent).push(node);
    else if (available(pair.fresh)) done.push({ do: 'delete', pod: pair.old, because: 'outdated' });
    else surging += 1;
  }
  const room = Math.max(0, maxSurge - surging);
  const begun = [...urgent, ...candidates.slice(0, room)];
  return [...done, ...begun.map((node) => ({ do: 'create', node }) as const)];
}
