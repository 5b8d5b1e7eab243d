import type { EpochMs } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import { resolveIntOrPercent } from '../../schema/int-or-percent.ts';
import { isPodTerminal } from '../../schema/pod-conditions.ts';
import type { Pod, StatefulSet } from '../../schema/types.gen.ts';
import { revisionOfPod } from '../revisions/revision-of-pod.ts';
import type { StatefulSetAction, StatefulSetWait } from './decide.ts';
import { isGoing, isSettled, type Members } from './members.ts';

export type Revisions = { readonly current: string; readonly update: string };
export type Step = {
  readonly actions: readonly StatefulSetAction[];
  readonly waitingOn: readonly StatefulSetWait[];
};

const waitFor = (wait: StatefulSetWait): Step => ({ actions: [], waitingOn: [wait] });
const act = (...actions: readonly StatefulSetAction[]): Step => ({ actions, waitingOn: [] });

type Place = { readonly members: Members; readonly revisions: Revisions };

/**
 * The next step. Ordered: one pod at a time, the lowest ordinal that is missing first, the highest that is too many first, and
 * nothing while one before it is not settled. Parallel: all that are missing and too many at once. Updates are ordered
 * either way. Source: upstream updateStatefulSet.
 */
export function nextStep(statefulSet: StatefulSet, at: Place, now: EpochMs): Step {
  const { members } = at;
  const ordered = statefulSet.spec.podManagementPolicy !== 'Parallel';
  const made = ordered ? fillInOrder(statefulSet, at, now) : fillAtOnce(statefulSet, at);
  if (made !== null) return made;
  const cut = ordered ? cutInOrder(statefulSet, members, now) : cutAtOnce(members);
  return cut ?? update(statefulSet, at, now);
}

/** The revision that a pod of this ordinal is made of: below the partition the old one stays. */
function revisionFor(statefulSet: StatefulSet, ordinal: number, revisions: Revisions): string {
  const { type = 'RollingUpdate', rollingUpdate } = statefulSet.spec.updateStrategy ?? {};
  if (type !== 'RollingUpdate') return revisions.update;
  const start = statefulSet.spec.ordinals?.start ?? 0;
  return ordinal - start < (rollingUpdate?.partition ?? 0) ? revisions.current : revisions.update;
}

/** null: every wanted pod is there and settled. */
function fillInOrder(statefulSet: StatefulSet, { members, revisions }: Place, now: EpochMs): Step | null {
  for (const { ordinal, pod } of members.wanted) {
    if (pod === null) {
      return act({ do: 'create', ordinal, revision: revisionFor(statefulSet, ordinal, revisions) });
    }
    if (isGoing(pod)) return waitFor('PodsGone');
    if (isPodTerminal(pod)) return act({ do: 'delete', pod });
    // Also one of a broken version that was taken back: Kubernetes waits for somebody to delete it.
    if (!isSettled(pod, statefulSet, now)) return waitFor('PodsAvailable');
  }
  return null;
}

function fillAtOnce(statefulSet: StatefulSet, { members, revisions }: Place): Step | null {
  const actions = members.wanted.flatMap(({ ordinal, pod }): readonly StatefulSetAction[] => {
    if (pod === null)
      return [{ do: 'create', ordinal, revision: revisionFor(statefulSet, ordinal, revisions) }];
    return isPodTerminal(pod) && !isGoing(pod) ? [{ do: 'delete', pod }] : [];
  });
  return actions.length === 0 ? null : act(...actions.slice(0, limits.statefulSetBurstMax));
}

/**
 * null: there is nothing too many. One that is not settled holds those before it, unless it is the lowest that is not: a set that is
 * broken all over is not taken down. Source: upstream processCondemned.
 */
function cutInOrder(statefulSet: StatefulSet, { condemned }: Members, now: EpochMs): Step | null {
  const [highest] = condemned;
  if (highest === undefined) return null;
  if (isGoing(highest)) return waitFor('PodsGone');
  const unsettled = condemned.filter((pod) => !isSettled(pod, statefulSet, now));
  if (unsettled.includes(highest) && unsettled.length > 1) return waitFor('PodsAvailable');
  return act({ do: 'delete', pod: highest });
}

function cutAtOnce({ condemned }: Members): Step | null {
  const actions = condemned
    .filter((pod) => !isGoing(pod))
    .map((pod): StatefulSetAction => ({ do: 'delete', pod }));
  return actions.length === 0 ? null : act(...actions.slice(0, limits.statefulSetBurstMax));
}

function update(statefulSet: StatefulSet, { members, revisions }: Place, now: EpochMs): Step {
  const { wanted, condemned } = members;
  const { type = 'RollingUpdate', rollingUpdate } = statefulSet.spec.updateStrategy ?? {};
  if (condemned.length > 0) return waitFor('PodsGone');
  if (type !== 'RollingUpdate') return act();
  if (rollingUpdate?.maxUnavailable !== undefined)
    return updateSeveral(statefulSet, { members, revisions }, { max: rollingUpdate.maxUnavailable, now });
  for (const { ordinal, pod } of wanted.toReversed()) {
    if (revisionFor(statefulSet, ordinal, revisions) !== revisions.update) break;
    if (pod === null) continue;
    if (isGoing(pod)) return waitFor('PodsGone');
    if (revisionOfPod(pod) !== revisions.update) return act({ do: 'delete', pod });
    if (!isSettled(pod, statefulSet, now)) return waitFor('PodsAvailable');
  }
  return act();
}

/**
 * As many old pods at once as may be missing, of all ordinals, the highest first; old ones that nobody can use go whatever the bound.
 * A percentage is rounded down, and is one pod at least. Source: upstream getStatefulSetMaxUnavailable.
 */
function updateSeveral(
  statefulSet: StatefulSet,
  { members, revisions }: Place,
  { max, now }: { readonly max: number | string; readonly now: EpochMs },
): Step {
  const { wanted } = members;
  const isSound = (pod: Pod): boolean => isSettled(pod, statefulSet, now);
  const bound = Math.max(1, resolveIntOrPercent(max, { total: wanted.length, round: 'down' }) ?? 1);
  const missing = wanted.filter(({ pod }) => pod === null || !isSound(pod)).length;
  const old = wanted.toReversed().flatMap(({ ordinal, pod }) => {
    if (pod === null || isGoing(pod) || revisionOfPod(pod) === revisions.update) return [];
    return revisionFor(statefulSet, ordinal, revisions) === revisions.update ? [pod] : [];
  });
  const sound = old.filter(isSound).slice(0, Math.max(0, bound - missing));
  const going = [...old.filter((pod) => !isSound(pod)), ...sound].slice(0, limits.statefulSetBurstMax);
  return {
    actions: going.map((pod) => ({ do: 'delete', pod })),
    waitingOn: missing > 0 ? ['PodsAvailable'] : [],
  };
}
