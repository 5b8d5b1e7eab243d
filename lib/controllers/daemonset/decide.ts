import type { EpochMs } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { ControllerRevision, DaemonSet, DaemonSetStatus, Node, Pod } from '../../schema/types.gen.ts';
import { claim } from '../harness/claim.ts';
import { type Decision, earlier } from '../harness/decision.ts';
import { historyOf, revisionHashOf, revisionsToDelete } from '../revisions/history.ts';
import type { RevisionAction } from '../revisions/revision-action.ts';
import { revisionOfPod } from '../revisions/revision-of-pod.ts';
import { boundsOf } from './bounds.ts';
import { manage } from './manage.ts';
import { placementOf } from './placement.ts';
import { podsByNode } from './pods-by-node.ts';
import { roll } from './roll.ts';
import { statusOf } from './status.ts';

export type DaemonSetAction =
  | { readonly do: 'adopt' | 'release'; readonly pod: Pod }
  /** A pod of the present template for this node. */
  | { readonly do: 'create'; readonly node: string }
  | {
      readonly do: 'delete';
      readonly pod: Pod;
      readonly because: 'misplaced' | 'failed' | 'succeeded' | 'surplus' | 'outdated';
    };

export type DaemonSetWait = 'PodsAvailable' | 'PodsUpdated' | 'FailedPodBackOff';
export type DaemonSetDecision = Decision<DaemonSetAction | RevisionAction, DaemonSetStatus, DaemonSetWait> & {
  /** The hash of the present template, for the pods that are created. */
  readonly hash: string;
};

export type DaemonSetInput = {
  readonly daemonSet: DaemonSet;
  readonly nodes: readonly Node[];
  /** The pods it controls, and those in its namespace that nobody does. */
  readonly candidates: readonly Pod[];
  /** The same of revisions. */
  readonly revisions: readonly ControllerRevision[];
  /** Whether a ControllerRevision of the namespace has this name. */
  readonly isRevisionNameTaken: (name: string) => boolean;
  /** Until when a failed pod of a node, made of the revision with this hash, is left there; null: no longer. */
  readonly retryAt: (node: string, hash: string) => EpochMs | null;
};

/**
 * Decides what pods a DaemonSet is to have on which nodes, and the next step of a rollout where nothing else is to be done first.
 * Source: upstream syncDaemonSet.
 */
export function decideDaemonSet(input: DaemonSetInput, now: EpochMs): DaemonSetDecision {
  const { daemonSet, candidates, revisions, isRevisionNameTaken } = input;
  const { selector, template } = daemonSet.spec;
  const nodes = input.nodes.toSorted(byName);
  const claims = claim(daemonSet, selector, candidates);
  const own = [...claims.owned, ...claims.adopt];
  const pods = podsByNode(own);
  const history = historyOf({
    owner: daemonSet,
    selector,
    template,
    collisionCount: daemonSet.status?.collisionCount,
    candidates: revisions,
    isNameTaken: isRevisionNameTaken,
  });
  const hash = revisionHashOf(history.update);
  const { collisionCount } = history;
  const { status, nextAvailableAtMs } = statusOf({ daemonSet, nodes, pods, hash, collisionCount }, now);
  const going = daemonSet.metadata.deletionTimestamp !== undefined;
  const step = going ? NOTHING : nextStep({ ...input, nodes }, { pods, hash }, now);
  const live = new Set(own.map(revisionOfPod));
  const spent = revisionsToDelete(history.old, daemonSet.spec.revisionHistoryLimit, (revision) =>
    live.has(revisionHashOf(revision)),
  );
  const desired = status.desiredNumberScheduled;
  return {
    actions: [
      ...claims.adopt.map((pod) => ({ do: 'adopt', pod }) as const),
      ...claims.release.map((pod) => ({ do: 'release', pod }) as const),
      ...(going ? [] : [...history.actions, ...spent]),
      ...step.actions,
    ],
    hash,
    status,
    waitingOn: [
      ...((status.numberAvailable ?? 0) < desired ? (['PodsAvailable'] as const) : []),
      ...((status.updatedNumberScheduled ?? 0) < desired ? (['PodsUpdated'] as const) : []),
      ...(step.retryAtMs.length > 0 ? (['FailedPodBackOff'] as const) : []),
    ],
    requeueAtMs: step.retryAtMs.reduce<EpochMs | null>(earlier, nextAvailableAtMs),
    notes: [],
  };
}

type Step = { readonly actions: readonly DaemonSetAction[]; readonly retryAtMs: readonly EpochMs[] };
const NOTHING: Step = { actions: [], retryAtMs: [] };

/** A rollout gets on only where every node has what it is to have: the two never count on each other's pods. */
function nextStep(
  { daemonSet, nodes, retryAt }: DaemonSetInput,
  at: { readonly pods: ReturnType<typeof podsByNode>; readonly hash: string },
  now: EpochMs,
): Step {
  const { pods, hash } = at;
  const places = nodes.filter((node) => placementOf(daemonSet, node).run);
  const bounds = boundsOf(daemonSet, places.length);
  const surges = bounds !== null && bounds.maxSurge > 0;
  const managed = manage(
    { daemonSet, nodes, pods, hash, surges, retryAt: (node) => retryAt(node, hash) },
    now,
  );
  if (managed.actions.length > 0 || bounds === null) {
    return { ...managed, actions: bounded(managed.actions) };
  }
  const rolled = roll(
    {
      places: places.map(({ metadata: { name } }) => ({ node: name, pods: pods.get(name) ?? [] })),
      hash,
      minReadySeconds: daemonSet.spec.minReadySeconds ?? 0,
    },
    bounds,
    now,
  );
  return { actions: bounded(rolled), retryAtMs: managed.retryAtMs };
}

/** What one pass creates, and what it deletes. The rest is the next one's. */
function bounded(actions: readonly DaemonSetAction[]): readonly DaemonSetAction[] {
  const some = (what: DaemonSetAction['do']): readonly DaemonSetAction[] =>
    actions.filter((action) => action.do === what).slice(0, limits.daemonSetBurstMax);
  return [...some('delete'), ...some('create')];
}

function byName(a: Node, b: Node): number {
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
