import type { Note } from '../../api/event-recorder.ts';
import type { EpochMs } from '../../base/clock.ts';
import { deepEqual } from '../../base/json.ts';
import { isPodTerminal } from '../../schema/pod-conditions.ts';
import type { Deployment, DeploymentStatus, Pod, ReplicaSet } from '../../schema/types.gen.ts';
import { claim } from '../harness/claim.ts';
import type { Decision } from '../harness/decision.ts';
import { annotations, desiredReplicasOf, revisionOf, sizeAnnotations } from './annotations.ts';
import { historyToDelete } from './cleanup.ts';
import { type Bounds, boundsOf } from './fenceposts.ts';
import { type Members, memberOf, type Sizes } from './member.ts';
import { freeHash, newReplicaSet } from './new-replica-set.ts';
import { isComplete, type Rollout } from './progressing.ts';
import { recreateStep } from './recreate.ts';
import { type ReplicaSets, sortReplicaSets } from './replica-sets.ts';
import { currentAnnotations, nextRevision } from './revision.ts';
import { nextNewSize, reconcileNew, reconcileOld } from './roll.ts';
import { scaleProportionally } from './scale-proportionally.ts';
import { deploymentStatus } from './status.ts';

export type DeploymentAction =
  | { readonly do: 'adopt' | 'release' | 'delete'; readonly replicaSet: ReplicaSet }
  | { readonly do: 'create'; readonly replicaSet: ReplicaSet }
  /** `after` differs in size, annotations or minReadySeconds. */
  | { readonly do: 'change'; readonly before: ReplicaSet; readonly after: ReplicaSet }
  /** The Deployment says which rollout it is at. */
  | { readonly do: 'set-revision'; readonly revision: string };

export type DeploymentWait = 'Paused' | 'OldPodsGone' | 'PodsAvailable' | 'ReplicaSetsObserved';
export type DeploymentDecision = Decision<DeploymentAction, DeploymentStatus, DeploymentWait>;

export type DeploymentInput = {
  readonly deployment: Deployment;
  /** The ReplicaSets it controls, and those in its namespace that nobody does. */
  readonly candidates: readonly ReplicaSet[];
  /** The pods of a ReplicaSet. */
  readonly podsOf: (replicaSet: ReplicaSet) => readonly Pod[];
  /** Whether a ReplicaSet in the namespace has this name. */
  readonly isNameTaken: (name: string) => boolean;
  /** Since when somebody watches: the progress deadline counts no time before. */
  readonly watchingSinceMs: EpochMs;
};

/** What one step does to the ReplicaSets. */
type Step = {
  readonly sizes: Sizes;
  /** The ReplicaSet of the present template is to be made, with so many replicas. */
  readonly create: number | null;
  readonly waitingOn: readonly DeploymentWait[];
};

/** Decides the next step of a Deployment: at most one of growing the new, shrinking the old. Source: upstream syncDeployment. */
export function decideDeployment(input: DeploymentInput, now: EpochMs): DeploymentDecision {
  const { deployment, watchingSinceMs } = input;
  const claims = claim(deployment, deployment.spec.selector, input.candidates);
  const sets = sortReplicaSets(deployment, [...claims.owned, ...claims.adopt]);
  const bounds = boundsOf(deployment.spec);
  // One that was adopted just now is written already in this step; what follows from it follows in the next.
  const still = deployment.metadata.deletionTimestamp !== undefined || claims.adopt.length > 0;
  const step = still ? nothing : nextStep(input, sets, bounds);
  const made = step.create === null ? null : make(input, sets, { bounds, replicas: step.create });
  const changed = still ? [] : changes(deployment, sets, { sizes: step.sizes, bounds });
  const rollout = rolloutOf(sets.current, made?.replicaSet ?? null, changed);
  const collisionCount = made?.collisionCount ?? deployment.status?.collisionCount;
  const { status, deadlineAtMs } = deploymentStatus(
    { deployment, sets, bounds, rollout, collisionCount, watchingSinceMs },
    now,
  );
  const revision = revisionToSet(deployment, made?.replicaSet ?? after(sets.current, changed));
  const spec = { replicas: bounds.replicas, generation: deployment.metadata.generation ?? 0 };
  const settled = deployment.spec.paused === true || isComplete(spec, status);
  const spent = settled && !still ? historyToDelete(sets.old, deployment.spec.revisionHistoryLimit) : [];
  return {
    actions: [
      ...claims.adopt.map((replicaSet) => ({ do: 'adopt', replicaSet }) as const),
      ...claims.release.map((replicaSet) => ({ do: 'release', replicaSet }) as const),
      ...(made === null ? [] : [{ do: 'create', replicaSet: made.replicaSet } as const]),
      ...changed.map((change) => ({ do: 'change', ...change }) as const),
      ...spent.map((replicaSet) => ({ do: 'delete', replicaSet }) as const),
      ...(revision === null || still ? [] : [{ do: 'set-revision', revision } as const]),
    ],
    status,
    waitingOn: [...step.waitingOn, ...(isComplete(spec, status) ? [] : (['PodsAvailable'] as const))],
    requeueAtMs: deadlineAtMs,
    notes: scalingNotes(made?.replicaSet ?? null, changed),
  };
}

const nothing: Step = { sizes: new Map(), create: null, waitingOn: [] };

function nextStep(input: DeploymentInput, sets: ReplicaSets, bounds: Bounds): Step {
  const { deployment, podsOf } = input;
  const members: Members = {
    current: sets.current === null ? null : memberOf(sets.current),
    old: sets.old.map(memberOf),
  };
  const paused = deployment.spec.paused === true;
  if (paused || isScaling(sets, bounds)) {
    const sizes = scaleProportionally(members, bounds, deployment.status?.replicas ?? 0);
    return { sizes, create: null, waitingOn: paused ? ['Paused'] : ['ReplicaSetsObserved'] };
  }
  if (!bounds.rolling) {
    const step = recreateStep(members, bounds, oldPodsLeft(sets.old, podsOf));
    const create = sets.current === null && !step.waitsForOldPods ? bounds.replicas : null;
    return { sizes: step.sizes, create, waitingOn: step.waitsForOldPods ? ['OldPodsGone'] : [] };
  }
  if (members.current === null) {
    const total = members.old.reduce((sum, { replicas }) => sum + replicas, 0);
    return { ...nothing, create: nextNewSize({ current: 0, total, bounds }) };
  }
  const grown = reconcileNew(members, bounds);
  return { ...nothing, sizes: grown.size > 0 ? grown : reconcileOld(members, bounds) };
}

/** A ReplicaSet with pods was last sized for another size of the Deployment. */
function isScaling({ current, old }: ReplicaSets, bounds: Bounds): boolean {
  return [...(current === null ? [] : [current]), ...old].some((set) => {
    const desired = desiredReplicasOf(set);
    return (set.spec.replicas ?? 1) > 0 && desired !== null && desired !== bounds.replicas;
  });
}

/** Pods on their way out count: Recreate never runs two versions side by side. */
function oldPodsLeft(old: readonly ReplicaSet[], podsOf: DeploymentInput['podsOf']): boolean {
  return old.some((set) => (set.status?.replicas ?? 0) > 0 || podsOf(set).some((pod) => !isPodTerminal(pod)));
}

function make(
  { deployment, isNameTaken }: DeploymentInput,
  sets: ReplicaSets,
  size: { readonly bounds: Bounds; readonly replicas: number },
): { readonly replicaSet: ReplicaSet; readonly collisionCount: number | undefined } {
  const { hash, collisionCount } = freeHash(deployment, isNameTaken);
  const { bounds, replicas } = size;
  const replicaSet = newReplicaSet(deployment, {
    hash,
    replicas,
    annotations: {
      ...currentAnnotations(deployment, {}, nextRevision(sets.old)),
      ...sizeAnnotations({ desired: bounds.replicas, max: bounds.replicas + bounds.maxSurge }),
    },
  });
  return { replicaSet, collisionCount };
}

type Change = { readonly before: ReplicaSet; readonly after: ReplicaSet };

function changes(
  deployment: Deployment,
  sets: ReplicaSets,
  step: { readonly sizes: Sizes; readonly bounds: Bounds },
): readonly Change[] {
  const { sizes, bounds } = step;
  const scaling = isScaling(sets, bounds);
  const sized = sizeAnnotations({ desired: bounds.replicas, max: bounds.replicas + bounds.maxSurge });
  const changed = (before: ReplicaSet, current: boolean): Change => {
    const { metadata, spec } = before;
    const replicas = sizes.get(metadata.name) ?? spec.replicas ?? 1;
    const own = metadata.annotations ?? {};
    const base = current ? currentAnnotations(deployment, own, nextRevision(sets.old)) : own;
    const resized = sizes.has(metadata.name) || (scaling && replicas > 0);
    const minReadySeconds = current ? deployment.spec.minReadySeconds : spec.minReadySeconds;
    const after: ReplicaSet = {
      ...before,
      metadata: { ...metadata, annotations: resized ? { ...base, ...sized } : base },
      spec: { ...spec, replicas, ...(minReadySeconds !== undefined && { minReadySeconds }) },
    };
    return { before, after };
  };
  return [
    ...(sets.current === null ? [] : [changed(sets.current, true)]),
    ...sets.old.map((set) => changed(set, false)),
  ].filter(
    ({ before, after }) =>
      !deepEqual(before.spec, after.spec) ||
      !deepEqual(before.metadata.annotations ?? {}, after.metadata.annotations ?? {}),
  );
}

function after(current: ReplicaSet | null, changed: readonly Change[]): ReplicaSet | null {
  return changed.find(({ before }) => before === current)?.after ?? current;
}

function rolloutOf(current: ReplicaSet | null, made: ReplicaSet | null, changed: readonly Change[]): Rollout {
  if (made !== null) return { is: 'created', name: made.metadata.name };
  if (current === null) return { is: 'going-on', name: null };
  const next = after(current, changed) ?? current;
  const found = revisionOf(next) > revisionOf(current);
  return { is: found ? 'found' : 'going-on', name: current.metadata.name };
}

function revisionToSet(deployment: Deployment, current: ReplicaSet | null): string | null {
  const revision = current?.metadata.annotations?.[annotations.revision];
  if (revision === undefined || revision === deployment.metadata.annotations?.[annotations.revision])
    return null;
  return revision;
}

function scalingNotes(made: ReplicaSet | null, changed: readonly Change[]): readonly Note[] {
  const note = (name: string, from: number, to: number): Note => ({
    type: 'Normal',
    reason: 'ScalingReplicaSet',
    message: `Scaled ${to > from ? 'up' : 'down'} replica set ${name} from ${from} to ${to}`,
  });
  const resized = changed.map(({ before, after: next }) => ({
    name: before.metadata.name,
    from: before.spec.replicas ?? 1,
    to: next.spec.replicas ?? 1,
  }));
  const created = made === null ? [] : [{ name: made.metadata.name, from: 0, to: made.spec.replicas ?? 1 }];
  return [...created, ...resized]
    .filter(({ from, to }) => from !== to)
    .map(({ name, from, to }) => note(name, from, to));
}
