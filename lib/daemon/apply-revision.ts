import type { Caller, Client } from '../api/client.ts';
import { applyPlan } from '../apply/apply-plan.ts';
import { type Clock, pause } from '../base/clock.ts';
import { limits, timings } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { CommitInfo } from '../git/repository.ts';
import type { ManifestSet } from '../manifests/manifest-set.ts';
import { decidePlan, type PlanInput, type PlanResult } from '../plan/decide-plan.ts';
import { needsApproval, type Plan, type PruneHold, planCounts } from '../plan/plan.ts';
import type { PlanMemory } from '../plan/plan-memory.ts';
import { refKey, refText } from '../schema/object.ts';
import type { Schema } from '../schema/schema.ts';
import { standingOf } from '../status/standing.ts';
import type { DaemonEvent } from './control-protocol.ts';
import { backedOffFields, type HealingRecord, recordHealing } from './healing.ts';
import type { LiveView } from './live-view.ts';
import { stateWithPlan } from './pass-state.ts';
import type { SourceRecord } from './source-record.ts';

export type RevisionApplier = {
  /** Plans a revision against what is live and applies it, again where live moved meanwhile. `whole`: nothing is left to try. */
  apply(
    head: CommitInfo | null,
    desired: ManifestSet,
  ): Promise<{ readonly result: PlanResult; readonly whole: boolean }>;
  /** The plan alone. */
  plan(revision: string | null, desired: ManifestSet): PlanResult;
  /** When something that pauses now may go on: a healing that was backed off, an object that the API refused. */
  nextAtMs(): number | null;
  /** `healKey`s of fields whose healing pauses now. */
  backedOff(): ReadonlySet<string>;
};

export type ApplierOptions = {
  readonly schema: Schema;
  readonly client: Client;
  readonly caller: Caller;
  readonly record: SourceRecord;
  readonly view: LiveView;
  readonly clock: Clock;
  readonly log: Log;
  readonly emit: (event: DaemonEvent) => void;
};

export function revisionApplier(options: ApplierOptions): RevisionApplier {
  const { clock, log, record, view, client, caller } = options;
  let memory: PlanMemory | null = null;
  let healing: HealingRecord = new Map();
  /** What the API answered to objects of one revision; another revision is another question. */
  let refused = new Map<string, string>();
  let refusedAtMs = 0;
  let refusedFor: string | null = null;

  const backedOff = (): ReadonlySet<string> => backedOffFields(healing, clock.now()).fields;
  const inputFor = (revision: string | null, desired: ManifestSet): PlanInput => {
    const managed = (): ReadonlySet<string> =>
      new Set([...record.inventory.keys(), ...desired.objects.map(({ ref }) => refKey(ref))]);
    return {
      schema: options.schema,
      source: record.state.spec.name,
      revision,
      desired,
      inventory: record.inventory,
      live: view.live,
      liveAutoscalers: view.autoscalers(),
      unmanagedIn: (namespace) => view.unmanagedIn(namespace, managed()),
      holds: record.state.holds,
      approvals: new Set(record.state.approvals),
      passedGuard: waitingForRollout(record.state.pruneHolds),
      refused,
      backedOff: backedOff(),
      standing: (object) => standingOf(object, view.healthContext(clock.now())),
      waitsForConsumer: view.waitsForConsumer,
      memory,
    };
  };
  const attempt = async (head: CommitInfo | null, desired: ManifestSet) => {
    const result = decidePlan(inputFor(head?.oid ?? null, desired));
    memory = result.memory;
    if (head === null) return { result, outcome: 'unchanged' as const };
    const state = record.pending(stateWithPlan({ state: record.state, result, head, now: clock.now() }));
    const isNew = record.state.revision !== head.oid;
    const { inventory, stateExists } = record;
    const knownHolds = new Set(record.state.pruneHolds.map(({ id }) => id));
    const report = await applyPlan({ client, caller, plan: result.plan, inventory, state, stateExists });
    record.written(report.written, report.recorded ? state : null);
    if (report.outcome === 'interrupted') throw report.interruptedBy;
    for (const block of report.refused) {
      refused.set(refKey(block.ref), block.detail);
      refusedAtMs = clock.now();
      log.warn('object-refused', { object: refKey(block.ref), message: block.detail });
    }
    if (report.outcome === 'applied') {
      healing = recordHealing(healing, result.plan.changes, clock.now());
      const newHolds = result.plan.pruneHolds.filter(({ id }) => !knownHolds.has(id));
      announce(options, { plan: result.plan, newRevision: isNew ? head.oid : null, newHolds });
    }
    return { result, outcome: report.outcome };
  };

  return {
    backedOff,
    async apply(head, desired) {
      const retryRefused = clock.now() - refusedAtMs >= timings.passRetryMaxMs;
      if (refusedFor !== (head?.oid ?? null) || retryRefused) refused = new Map();
      refusedFor = head?.oid ?? null;
      for (let tries = 1; ; tries += 1) {
        const { result, outcome } = await attempt(head, desired);
        if (outcome === 'applied' || outcome === 'unchanged') return { result, whole: true };
        if (tries >= limits.planAttemptsMax + refused.size) return { result, whole: false };
        // Live moved under the plan: what moved has to arrive here first.
        if (outcome === 'conflict') await pause(clock, timings.passDelayMs);
      }
    },
    plan(revision, desired) {
      // What the API answered to one revision's objects says nothing of another's.
      const answers = revision === refusedFor ? refused : new Map<string, string>();
      return decidePlan({ ...inputFor(revision, desired), refused: answers, memory: null });
    },
    nextAtMs() {
      const healAtMs = backedOffFields(healing, clock.now()).nextAtMs;
      const retryAtMs = refused.size > 0 ? refusedAtMs + timings.passRetryMaxMs : null;
      return healAtMs === null ? retryAtMs : Math.min(healAtMs, retryAtMs ?? healAtMs);
    },
  };
}

function announce(
  { emit, log }: ApplierOptions,
  {
    plan,
    newRevision,
    newHolds,
  }: {
    readonly plan: Plan;
    readonly newRevision: string | null;
    readonly newHolds: readonly PruneHold[];
  },
): void {
  for (const change of plan.changes) {
    const heals = change.action === 'patch' && change.heals;
    emit({ type: 'object', action: change.action, object: refText(change.ref), heals });
    log.info('object-applied', { action: change.action, object: refKey(change.ref), heals });
  }
  if (newRevision !== null) {
    const { create, patch, replace, prune } = planCounts(plan);
    const blocked = plan.blocked.length;
    emit({
      type: 'applied',
      revision: newRevision,
      created: create,
      changed: patch + replace,
      pruned: prune,
      blocked,
    });
    log.info('revision-applied', { revision: newRevision, create, patch, replace, prune, blocked });
  }
  for (const hold of newHolds)
    emit({ type: 'prune-held', id: hold.id, detail: hold.detail, approval: needsApproval(hold) });
}

/** What earlier plans let go and then put off until a rollout has ended. */
function waitingForRollout(holds: readonly PruneHold[]): ReadonlySet<string> {
  return new Set(holds.flatMap((hold) => (hold.reason === 'after-rollout' ? hold.refs.map(refKey) : [])));
}
