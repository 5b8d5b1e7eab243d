import { isArray, isObject, type JsonObject } from '../base/json.ts';
import type { KubeObject, ObjectRef } from '../schema/object.ts';
import type { ComponentHold } from './hold.ts';
import type { Blocked, PruneHold } from './plan.ts';

export type SourceSpec = {
  readonly name: string;
  readonly location: string;
  readonly branch: string;
  readonly path: string;
};

export type HistoryEntry = {
  readonly revision: string;
  readonly atMs: number;
  /** The first line of its commit message. */
  readonly subject: string;
  readonly created: number;
  readonly changed: number;
  readonly pruned: number;
  readonly blocked: number;
};

/**
 * What is recorded with every transaction of a source: how far it is and what it still means to do. After a crash the
 * next plan continues from here and from what is live.
 */
export type SourceState = {
  readonly spec: SourceSpec;
  /** The last revision whose sound components were all applied; null: none yet. */
  readonly revision: string | null;
  readonly holds: readonly ComponentHold[];
  /** Ids of prune holds that were let go; dropped once used. */
  readonly approvals: readonly string[];
  readonly blocked: readonly Blocked[];
  readonly pruneHolds: readonly PruneHold[];
  /** Newest first. */
  readonly history: readonly HistoryEntry[];
};

export const sourceKind = { group: 'pintle.dev', kind: 'Source' } as const;

export function sourceRef(name: string): ObjectRef {
  return { ...sourceKind, namespace: '', name };
}

export function emptySourceState(spec: SourceSpec): SourceState {
  return { spec, revision: null, holds: [], approvals: [], blocked: [], pruneHolds: [], history: [] };
}

/** The state as the object that is stored; all of it in spec, so that one write carries it. */
export function sourceObject(state: SourceState): KubeObject {
  const { spec, ...recorded } = state;
  const fields = { ...spec, recorded };
  return { apiVersion: 'pintle.dev/v1', kind: sourceKind.kind, metadata: { name: spec.name }, spec: fields };
}

/** Reads a stored source back; parts another version wrote differently are empty rather than wrong. */
export function sourceState(object: KubeObject): SourceState | null {
  const fields = object.spec;
  if (!isObject(fields)) return null;
  const { name, location, branch, path } = fields;
  if (
    typeof name !== 'string' ||
    typeof location !== 'string' ||
    typeof branch !== 'string' ||
    typeof path !== 'string'
  )
    return null;
  const recorded: JsonObject = isObject(fields.recorded) ? fields.recorded : {};
  return {
    spec: { name, location, branch, path },
    revision: typeof recorded.revision === 'string' ? recorded.revision : null,
    holds: listOf<ComponentHold>(recorded.holds, ['refs', 'failedDigest']),
    approvals: isArray(recorded.approvals) ? recorded.approvals.filter((id) => typeof id === 'string') : [],
    blocked: listOf<Blocked>(recorded.blocked, ['ref', 'reason']),
    pruneHolds: listOf<PruneHold>(recorded.pruneHolds, ['id', 'refs']),
    history: listOf<HistoryEntry>(recorded.history, ['revision', 'atMs']),
  };
}

/** Members that have the fields which identify them; we wrote them, so the rest is taken as written. */
function listOf<T>(value: unknown, fields: readonly string[]): readonly T[] {
  if (!isArray(value)) return [];
  const identified: readonly unknown[] = value.filter(
    (item) => isObject(item) && fields.every((field) => item[field] !== undefined),
  );
  return identified as readonly T[];
}
