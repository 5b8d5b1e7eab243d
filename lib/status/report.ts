import type { EpochMs } from '../base/clock.ts';
import type { Problem } from '../manifests/manifest-set.ts';
import { placeText } from '../plan/block-text.ts';
import type { ComponentHold } from '../plan/hold.ts';
import type { InventoryRow } from '../plan/inventory.ts';
import type { Blocked, Plan, PruneHold } from '../plan/plan.ts';
import type { SourceSpec } from '../plan/source-state.ts';
import { type KubeObject, type ObjectRef, refKey } from '../schema/object.ts';
import { healthOf } from './health.ts';
import {
  type Health,
  type HealthContext,
  type HealthState,
  healthStates,
  progressing,
  worst,
} from './health-state.ts';

/** How an object stands to git. `Held` is at its last good version on purpose; `Kept` git dropped it, an annotation keeps it. */
export type SyncState = 'Synced' | 'OutOfSync' | 'Blocked' | 'Held' | 'Kept';

export type ObjectStatus = {
  readonly ref: ObjectRef;
  readonly sync: SyncState;
  /** Why it is not Synced: a block reason; '' when it is. */
  readonly syncReason: string;
  readonly syncDetail: string;
  readonly health: Health;
  readonly path: string;
  /** The commit its live version comes from; null: none was applied yet. */
  readonly commit: string | null;
  readonly live: KubeObject | null;
};

export type ReportedEvent = {
  readonly at: string;
  readonly type: string;
  readonly reason: string;
  readonly object: string;
  readonly message: string;
  readonly count: number;
};

/** All that one source has to say of itself at one instant. */
export type StatusReport = {
  readonly source: SourceSpec;
  readonly atMs: EpochMs;
  /** The newest commit of the branch; null: the branch has none. */
  readonly head: string | null;
  readonly headSubject: string;
  /** The last commit whose sound parts were applied. */
  readonly revision: string | null;
  readonly sync: 'Synced' | 'OutOfSync' | 'NoRevision';
  readonly health: HealthState;
  readonly counts: Readonly<Record<HealthState, number>>;
  readonly objects: readonly ObjectStatus[];
  readonly blocked: readonly Blocked[];
  readonly pruneHolds: readonly PruneHold[];
  readonly holds: readonly ComponentHold[];
  readonly problems: readonly Problem[];
  readonly events: readonly ReportedEvent[];
};

export type ReportInput = {
  readonly source: SourceSpec;
  readonly now: EpochMs;
  readonly head: string | null;
  readonly headSubject: string;
  readonly revision: string | null;
  readonly plan: Plan;
  readonly holds: readonly ComponentHold[];
  readonly inventory: ReadonlyMap<string, InventoryRow>;
  readonly live: (ref: ObjectRef) => KubeObject | null;
  readonly context: HealthContext;
  readonly events: readonly ReportedEvent[];
};

/** Sync and health of every object of a source, rolled up. Pure. */
export function buildReport(input: ReportInput): StatusReport {
  const { plan } = input;
  const blocks = new Map(plan.blocked.map((block) => [refKey(block.ref), block]));
  const kept = new Set(plan.pruneSkipped.map(({ ref }) => refKey(ref)));
  const pruning = new Map(
    plan.pruneHolds.flatMap((hold) => hold.refs.map((ref) => [refKey(ref), hold] as const)),
  );
  const refs = new Map<string, ObjectRef>();
  for (const row of input.inventory.values()) refs.set(refKey(row.ref), row.ref);
  for (const block of plan.blocked) refs.set(refKey(block.ref), block.ref);
  const objects = [...refs]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, ref]): ObjectStatus => {
      const row = input.inventory.get(key);
      const live = input.live(ref);
      const block = blocks.get(key);
      const hold = pruning.get(key);
      return {
        ref,
        ...syncOfObject(block, { isKept: kept.has(key), hold }),
        health:
          absentHealth(block, { live, finished: row?.finished === true }) ??
          healthOfObject(row, live, input.context),
        path: row?.path ?? block?.path ?? '',
        commit: row?.applied.commit ?? null,
        live,
      };
    });
  return {
    source: input.source,
    atMs: input.now,
    head: input.head,
    headSubject: input.headSubject,
    revision: input.revision,
    sync: syncOfSource(input, objects),
    health: worst(objects.map((object) => object.health.state)),
    counts: countsOf(objects),
    objects,
    blocked: plan.blocked,
    pruneHolds: plan.pruneHolds,
    holds: input.holds,
    problems: plan.problems,
    events: input.events,
  };
}

/** Of an object that is not there, and that an annotation keeps from being made. */
const leftOut: Health = {
  state: 'Suspended',
  reason: 'ReconcileDisabled',
  message: 'it is made once pintle.dev/reconcile allows it',
};

/** Of an object that is not there for a reason that is no trouble; null: it is there, or should be. */
function absentHealth(
  block: Blocked | undefined,
  { live, finished }: { readonly live: KubeObject | null; readonly finished: boolean },
): Health | null {
  if (block === undefined || live !== null || finished) return null;
  if (block.reason === 'reconcile-disabled') return leftOut;
  return block.reason === 'waits' ? progressing('Waiting', `it waits for ${block.detail}`) : null;
}

function syncOfObject(
  block: Blocked | undefined,
  { isKept, hold }: { readonly isKept: boolean; readonly hold: PruneHold | undefined },
): Pick<ObjectStatus, 'sync' | 'syncReason' | 'syncDetail'> {
  if (isKept) {
    const syncDetail = 'git no longer names it; pintle.dev/prune is disabled on it';
    return { sync: 'Kept', syncReason: 'prune-disabled', syncDetail };
  }
  if (block !== undefined) {
    const sync = block.reason === 'held-after-failure' ? 'Held' : 'Blocked';
    return { sync, syncReason: block.reason, syncDetail: placeText(block) };
  }
  if (hold !== undefined) return { sync: 'OutOfSync', syncReason: 'prune-held', syncDetail: hold.detail };
  return { sync: 'Synced', syncReason: '', syncDetail: '' };
}

function healthOfObject(
  row: InventoryRow | undefined,
  live: KubeObject | null,
  context: HealthContext,
): Health {
  if (live !== null) return healthOf(live, context);
  if (row?.finished === true)
    return { state: 'Healthy', reason: 'Completed', message: 'it finished and was removed by its TTL' };
  const message = row === undefined ? 'it was never applied' : 'it is not there';
  return { state: 'Missing', reason: 'Missing', message };
}

function syncOfSource(input: ReportInput, objects: readonly ObjectStatus[]): StatusReport['sync'] {
  if (input.head === null) return 'NoRevision';
  const behind = input.revision !== input.head || input.plan.pruneHolds.length > 0;
  // What stands in a file that cannot be read is not live, though nobody can name it.
  const unread = input.plan.problems.some(({ severity }) => severity === 'error');
  return behind || unread || !objects.every(isAsWanted) ? 'OutOfSync' : 'Synced';
}

/** As git says, or apart from git because an annotation says so: nothing is left to be done. */
function isAsWanted({ sync, syncReason }: ObjectStatus): boolean {
  return sync === 'Synced' || sync === 'Kept' || syncReason === 'reconcile-disabled';
}

function countsOf(objects: readonly ObjectStatus[]): Readonly<Record<HealthState, number>> {
  const counts = Object.fromEntries(healthStates.map((state) => [state, 0])) as Record<HealthState, number>;
  for (const object of objects) counts[object.health.state] += 1;
  return counts;
}
