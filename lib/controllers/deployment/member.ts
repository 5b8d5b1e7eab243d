import { type EpochMs, fromRfc3339 } from '../../base/clock.ts';
import type { ReplicaSet } from '../../schema/types.gen.ts';
import { desiredReplicasOf, maxReplicasOf } from './annotations.ts';

/** What the rolling arithmetic knows of one ReplicaSet of a Deployment. */
export type Member = {
  readonly name: string;
  readonly createdAtMs: EpochMs;
  /** What its spec asks for. */
  readonly replicas: number;
  /** Pods it has, by its status. */
  readonly observed: number;
  readonly available: number;
  /** The Deployment's size when this ReplicaSet was last scaled; null when unknown. */
  readonly desiredThen: number | null;
  /** The Deployment's size and surge when this ReplicaSet was last scaled; null when unknown. */
  readonly maxThen: number | null;
};

export function memberOf(replicaSet: ReplicaSet): Member {
  return {
    name: replicaSet.metadata.name,
    createdAtMs: fromRfc3339(replicaSet.metadata.creationTimestamp) ?? 0,
    replicas: replicaSet.spec.replicas ?? 1,
    observed: replicaSet.status?.replicas ?? 0,
    available: replicaSet.status?.availableReplicas ?? 0,
    desiredThen: desiredReplicasOf(replicaSet),
    maxThen: maxReplicasOf(replicaSet),
  };
}

/** A Deployment's ReplicaSets: the one with its template, and the others. */
export type Members = { readonly current: Member | null; readonly old: readonly Member[] };

/** New sizes by ReplicaSet name; absent: unchanged. */
export type Sizes = ReadonlyMap<string, number>;

export function allOf({ current, old }: Members): readonly Member[] {
  return current === null ? old : [current, ...old];
}

export function sum(members: readonly Member[], count: (member: Member) => number): number {
  return members.reduce((total, member) => total + count(member), 0);
}

function byName(a: Member, b: Member): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

export function oldestFirst(a: Member, b: Member): number {
  return a.createdAtMs - b.createdAtMs || byName(a, b);
}

export function newestFirst(a: Member, b: Member): number {
  return b.createdAtMs - a.createdAtMs || byName(a, b);
}
