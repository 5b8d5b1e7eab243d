import type { EpochMs } from '../../base/clock.ts';
import { isPodReady, podAvailableAt } from '../../schema/pod-conditions.ts';
import type {
  ControllerRevision,
  Pod,
  PodTemplateSpec,
  StatefulSet,
  StatefulSetStatus,
} from '../../schema/types.gen.ts';
import { claim } from '../harness/claim.ts';
import { type Decision, earlier } from '../harness/decision.ts';
import { historyOf, revisionsToDelete } from '../revisions/history.ts';
import type { RevisionAction } from '../revisions/revision-action.ts';
import { templateOf } from '../revisions/revision-data.ts';
import { revisionOfPod } from '../revisions/revision-of-pod.ts';
import { type ClaimOf, claimsOfOrdinal, isSpent, type OwnClaim, ownClaims } from './claim-owners.ts';
import { ordinalOf, POD_INDEX_LABEL, POD_NAME_LABEL } from './identity.ts';
import { isGoing, type Members, membersOf } from './members.ts';
import { nextStep, type Revisions, type Step } from './step.ts';

export type StatefulSetAction =
  | { readonly do: 'adopt' | 'release' | 'delete'; readonly pod: Pod }
  /** The pod of an ordinal, of the template of a revision; its claims with it where they are missing. */
  | { readonly do: 'create'; readonly ordinal: number; readonly revision: string }
  /** Its labels do not say which ordinal it is. */
  | { readonly do: 'identify'; readonly pod: Pod }
  | OwnClaim;

export type StatefulSetWait = 'PodsGone' | 'PodsAvailable' | 'ClaimsGone';
export type StatefulSetDecision = Decision<
  StatefulSetAction | RevisionAction,
  StatefulSetStatus,
  StatefulSetWait
> & {
  /** The template of a revision that something is created of. */
  readonly templateOf: (revision: string) => PodTemplateSpec;
};

export type StatefulSetInput = {
  readonly statefulSet: StatefulSet;
  /** The pods it controls, and those in its namespace that nobody does. */
  readonly candidates: readonly Pod[];
  /** The same of revisions. */
  readonly revisions: readonly ControllerRevision[];
  /** Whether a ControllerRevision of the namespace has this name. */
  readonly isRevisionNameTaken: (name: string) => boolean;
  /** A claim of its namespace, by name. */
  readonly claimOf: ClaimOf;
};

/** Decides the next step of a StatefulSet. Source: upstream UpdateStatefulSet. */
export function decideStatefulSet(input: StatefulSetInput, now: EpochMs): StatefulSetDecision {
  const { statefulSet, candidates, revisions, isRevisionNameTaken, claimOf } = input;
  const { selector, template } = statefulSet.spec;
  const named = candidates.filter((pod) => ordinalOf(statefulSet, pod) !== null);
  const claims = claim(statefulSet, selector, named);
  const pods = [...claims.owned, ...claims.adopt];
  const members = membersOf(statefulSet, pods);
  const history = historyOf({
    owner: statefulSet,
    selector,
    template,
    collisionCount: statefulSet.status?.collisionCount,
    candidates: revisions,
    isNameTaken: isRevisionNameTaken,
  });
  const known = [history.update, ...history.old];
  const update = history.update.metadata.name;
  const before = known.find(({ metadata }) => metadata.name === statefulSet.status?.currentRevision);
  const at: Revisions = { update, current: before?.metadata.name ?? update };
  const { collisionCount } = history;
  const { status, nextAvailableAtMs } = statusOf(
    statefulSet,
    { members, revisions: at, collisionCount },
    now,
  );
  const going = statefulSet.metadata.deletionTimestamp !== undefined;
  const step: Step = going
    ? { actions: [], waitingOn: [] }
    : onceClaimsAreFree(statefulSet, nextStep(statefulSet, { members, revisions: at }, now), claimOf);
  const live = new Set([...pods.map(revisionOfPod), at.current, at.update]);
  const spent = revisionsToDelete(history.old, statefulSet.spec.revisionHistoryLimit, ({ metadata }) =>
    live.has(metadata.name),
  );
  return {
    actions: [
      ...claims.adopt.map((pod) => ({ do: 'adopt', pod }) as const),
      ...claims.release.map((pod) => ({ do: 'release', pod }) as const),
      ...(going ? [] : [...history.actions, ...spent]),
      ...(going ? [] : [...nameless(statefulSet, claims.owned), ...ownClaims(statefulSet, members, claimOf)]),
      ...step.actions,
    ],
    status,
    waitingOn: step.waitingOn,
    requeueAtMs: nextAvailableAtMs,
    notes: [],
    templateOf(revision) {
      const found = known.find(({ metadata }) => metadata.name === revision);
      return (found && templateOf(found)) ?? template;
    },
  };
}

/** A pod that would get a claim which goes with the one before it is made when that is gone. Source: upstream PodClaimIsStale. */
function onceClaimsAreFree(statefulSet: StatefulSet, step: Step, claimOf: ClaimOf): Step {
  const isHeld = (action: StatefulSetAction): boolean =>
    action.do === 'create' && claimsOfOrdinal(statefulSet, action.ordinal, claimOf).some(isSpent);
  if (!step.actions.some(isHeld)) return step;
  return {
    actions: step.actions.filter((action) => !isHeld(action)),
    waitingOn: [...step.waitingOn, 'ClaimsGone'],
  };
}

/** Its own pods whose labels do not say who they are: adopted ones, and those that somebody wrote to. Source: upstream identityMatches. */
function nameless(statefulSet: StatefulSet, owned: readonly Pod[]): readonly StatefulSetAction[] {
  return owned
    .filter((pod) => {
      const { name, labels } = pod.metadata;
      const index = String(ordinalOf(statefulSet, pod));
      return !isGoing(pod) && (labels?.[POD_NAME_LABEL] !== name || labels[POD_INDEX_LABEL] !== index);
    })
    .map((pod) => ({ do: 'identify', pod }));
}

/** Counts of zero are left out (but for `replicas`), as Kubernetes does. Source: upstream updateStatus, completeRollingUpdate. */
function statusOf(
  statefulSet: StatefulSet,
  at: {
    readonly members: Members;
    readonly revisions: Revisions;
    readonly collisionCount: number | undefined;
  },
  now: EpochMs,
): { readonly status: StatefulSetStatus; readonly nextAvailableAtMs: EpochMs | null } {
  const { metadata, spec } = statefulSet;
  const { members, revisions, collisionCount } = at;
  const pods = [...members.wanted.flatMap(({ pod }) => pod ?? []), ...members.condemned];
  const of = (revision: string): number =>
    pods.filter((pod) => revisionOfPod(pod) === revision && !isGoing(pod)).length;
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod));
  const times = ready.map((pod) => podAvailableAt(pod, spec.minReadySeconds ?? 0) ?? now);
  const wanted = spec.replicas ?? 1;
  const updated = of(revisions.update);
  const rolls = (spec.updateStrategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
  const done = rolls && updated === wanted && ready.length === wanted && pods.length === wanted;
  const current = done ? revisions.update : revisions.current;
  const count = (key: string, value: number): Readonly<Record<string, number>> =>
    value > 0 ? { [key]: value } : {};
  const status: StatefulSetStatus = {
    replicas: pods.length,
    ...count('readyReplicas', ready.length),
    availableReplicas: times.filter((time) => time <= now).length,
    ...count('currentReplicas', of(current)),
    ...count('updatedReplicas', updated),
    currentRevision: current,
    updateRevision: revisions.update,
    collisionCount: collisionCount ?? 0,
    ...(metadata.generation !== undefined && { observedGeneration: metadata.generation }),
    ...(statefulSet.status?.conditions !== undefined && { conditions: statefulSet.status.conditions }),
  };
  const nextAvailableAtMs = times
    .filter((time) => time > now)
    .reduce<EpochMs | null>((first, time) => earlier(first, time), null);
  return { status, nextAvailableAtMs };
}
