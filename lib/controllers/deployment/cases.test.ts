import test from 'ava';
import { secondMs, toRfc3339 } from '../../base/clock.ts';
import type { ReplicaSet } from '../../schema/types.gen.ts';
import { readCases } from '../../testing/case-file.ts';
import { annotationInt, annotations, sizeAnnotations, sizeAnnotationsNeedUpdate } from './annotations.ts';
import { historyToDelete } from './cleanup.ts';
import { type Bounds, boundsOf, minAvailableOf, resolveFenceposts } from './fenceposts.ts';
import type { Member } from './member.ts';
import { isComplete, timedOutAtMs } from './progressing.ts';
import { cleanUpUnhealthy, nextNewSize, reconcileNew, reconcileOld } from './roll.ts';
import { fractionOf, scaleProportionally } from './scale-proportionally.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

const member = (name: string, replicas: number, fields: Partial<Member> = {}): Member => ({
  name,
  createdAtMs: 0,
  replicas,
  observed: replicas,
  available: replicas,
  desiredThen: null,
  maxThen: null,
  ...fields,
});
const rolling = (replicas: number, maxSurge: number, maxUnavailable: number): Bounds =>
  boundsOf({ replicas, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } } });

type Named = readonly [name: string, replicas: number];
type Input = Readonly<Record<string, number>> & {
  readonly newRS: Named;
  readonly oldRSs: readonly Named[];
  readonly oldRSs_spec_status: readonly (readonly [number, number])[];
  readonly strategy: string;
  readonly annotation: string;
  readonly desiredAnnotation: string;
  readonly maxAnnotation: string;
  readonly maxReplicasAnnotation: string | null;
  readonly progressingCondition: { status: string; reason: string; lastUpdateSecondsAgo: number };
};

const runs: Readonly<Record<string, (input: Input) => unknown>> = {
  'resolve-fenceposts': ({ maxSurge, maxUnavailable, replicas }) =>
    resolveFenceposts({ maxSurge, maxUnavailable, replicas: replicas ?? 0 }),
  'new-rs-replicas': ({ strategy, deploymentReplicas, newRSReplicas, maxSurge, allRSsTotalReplicas }) => ({
    newReplicas: nextNewSize({
      current: newRSReplicas ?? 0,
      total: allRSsTotalReplicas ?? 0,
      bounds: boundsOf({
        replicas: deploymentReplicas,
        strategy: { type: strategy, rollingUpdate: { maxSurge } },
      }),
    }),
  }),
  'scale-proportional': (input) => {
    const { oldDeploymentReplicas = 0, oldMaxSurge = 0, newRSAvailable } = input;
    const then = { desiredThen: oldDeploymentReplicas, maxThen: oldDeploymentReplicas + oldMaxSurge };
    const [newName, newReplicas] = input.newRS;
    const members = {
      current: member(newName, newReplicas, {
        ...then,
        available: newRSAvailable ?? newReplicas,
        createdAtMs: 9,
      }),
      old: input.oldRSs.map(([name, replicas], at) =>
        member(name, replicas, { ...then, createdAtMs: 8 - at }),
      ),
    };
    const bounds = rolling(input.deploymentReplicas ?? 0, input.maxSurge ?? 0, input.maxUnavailable ?? 0);
    const sizes = scaleProportionally(members, bounds, oldDeploymentReplicas);
    const size = (each: Member): number => sizes.get(each.name) ?? each.replicas;
    return { newRS: size(members.current), oldRSs: members.old.map(size) };
  },
  'reconcile-new-rs': ({
    replicas = 0,
    maxSurge = 0,
    maxUnavailable = 0,
    oldReplicas = 0,
    newReplicas = 0,
  }) => {
    const members = { current: member('new', newReplicas), old: [member('old', oldReplicas)] };
    const sizes = reconcileNew(members, rolling(replicas, maxSurge, maxUnavailable));
    return { scaled: sizes.size > 0, newReplicas: sizes.get('new') ?? newReplicas };
  },
  'reconcile-old-rs': (input) => {
    const { replicas = 0, oldReplicas = 0, newReplicas = 0 } = input;
    const members = {
      current: member('new', newReplicas, { available: input.availableNew ?? 0 }),
      old: [member('old', oldReplicas, { available: input.availableOld ?? 0 })],
    };
    const sizes = reconcileOld(members, rolling(replicas, input.maxSurge ?? 0, input.maxUnavailable ?? 0));
    return { scaled: sizes.size > 0, oldReplicas: sizes.get('old') ?? oldReplicas };
  },
  'cleanup-unhealthy': ({ oldReplicas = 0, availableOld = 0, maxCleanupCount = 0 }) => {
    const sizes = cleanUpUnhealthy(
      [member('old', oldReplicas, { available: availableOld })],
      maxCleanupCount,
    );
    return { cleanedUp: oldReplicas - (sizes.get('old') ?? oldReplicas) };
  },
  complete: ({ desired = 0, current = 0, updated = 0, available = 0 }) => ({
    complete: isComplete(
      { replicas: desired, generation: 1 },
      { replicas: current, updatedReplicas: updated, availableReplicas: available, observedGeneration: 1 },
    ),
  }),
  'timed-out': ({
    progressDeadlineSeconds,
    progressingCondition: { lastUpdateSecondsAgo, ...condition },
  }) => {
    const lastUpdateTime = toRfc3339(NOW - lastUpdateSecondsAgo * secondMs);
    const at = timedOutAtMs({
      deadlineSeconds: progressDeadlineSeconds ?? undefined,
      progressing: { type: 'Progressing', ...condition, lastUpdateTime },
      watchingSinceMs: 0,
    });
    return { timedOut: at !== null && NOW > at };
  },
  'max-unavailable': ({ strategy, replicas, maxUnavailable, maxSurge }) => {
    const bounds = boundsOf({
      replicas,
      strategy: { type: strategy, rollingUpdate: { maxSurge, maxUnavailable } },
    });
    return { maxUnavailable: bounds.maxUnavailable };
  },
  'min-available': ({ strategy, replicas, maxUnavailable, maxSurge }) => {
    const bounds = boundsOf({
      replicas,
      strategy: { type: strategy, rollingUpdate: { maxSurge, maxUnavailable } },
    });
    return { maxUnavailable: undefined, minAvailable: minAvailableOf(bounds) };
  },
  'rs-fraction': (input) => {
    const { deploymentReplicas = 0, deploymentStatusReplicas = 0, maxSurge = 0, rsReplicas = 0 } = input;
    const read = annotationInt(input.maxReplicasAnnotation ?? undefined);
    const maxThen = read.valid ? read.value : null;
    const bounds = rolling(deploymentReplicas, maxSurge, 1);
    return { fraction: fractionOf(member('rs', rsReplicas, { maxThen }), bounds, deploymentStatusReplicas) };
  },
  'history-cleanup': ({ oldRSs_spec_status, revisionHistoryLimit }) => {
    const old = oldRSs_spec_status.map(
      ([replicas, pods], at): ReplicaSet => ({
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: { name: `rs-${at}`, annotations: { [annotations.revision]: String(at + 1) } },
        spec: { replicas, selector: {} },
        status: { replicas: pods },
      }),
    );
    return { deletions: historyToDelete(old, revisionHistoryLimit).length };
  },
  'annotation-int': ({ annotation }) => {
    const read = annotationInt(annotation);
    if (read.valid) return { valid: true, value: read.value, error: null };
    const error = { absent: 'absent', syntax: 'invalid syntax', range: 'out of range' }[read.problem];
    return { valid: false, value: 0, error };
  },
  'annotations-need-update': ({ desiredAnnotation, maxAnnotation, desired = 0, max = 0 }) => ({
    needsUpdate: sizeAnnotationsNeedUpdate(
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: {
          name: 'rs',
          annotations: sizeAnnotations({ desired: Number(desiredAnnotation), max: Number(maxAnnotation) }),
        },
      },
      { desired, max },
    ),
  }),
};

for (const [at, { kind = '', name, input, expected }] of readCases<Input, object>('deployment').entries()) {
  test(`${at} ${kind}: ${name}`, (t) => {
    t.like(runs[kind]?.(input), expected);
  });
}
