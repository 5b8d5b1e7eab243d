import type { DurationMs } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import { manualClock } from '../../base/manual-clock.ts';
import { type ObjectRef, refOf, refText } from '../../schema/object.ts';
import { numberOf, statusOf } from '../../status/health/status-fields.ts';
import type { HealthState } from '../../status/health-state.ts';
import type { ObjectStatus, StatusReport } from '../../status/report.ts';
import type { Daemon } from '../daemon.ts';
import type { ClusterSnapshot } from './cluster-snapshot.ts';
import type { FollowedRollout } from './follow-rollout.ts';
import { quietSpan } from './quiet-span.ts';
import type { Availability } from './rollout-recorder.ts';
import type { RolloutStep } from './rollout-step.ts';
import { simulatedDaemon } from './simulated-daemon.ts';
import { type RolloutStop, stopsOf } from './stops-of.ts';

export const simulationOutcomes = ['completes', 'nothing-to-do', 'stops', 'bound-met'] as const;
export type SimulationOutcome = (typeof simulationOutcomes)[number];

export type Simulation = {
  readonly outcome: SimulationOutcome;
  readonly revision: string;
  /** To the last step. */
  readonly durationMs: DurationMs;
  readonly steps: readonly RolloutStep[];
  /** Of what served before. */
  readonly availability: readonly Availability[];
  /** Why it does not go on, object by object; empty where it completes. */
  readonly stops: readonly RolloutStop[];
  /** PodDisruptionBudgets that allow no eviction once it has ended: a drain would wait. */
  readonly spentBudgets: readonly ObjectRef[];
  /** Which bound ended it before it came to an end. */
  readonly bound: 'time' | 'changes' | null;
};

export type SimulationBounds = { readonly spanMaxMs: DurationMs; readonly changesMax: number };

const usualBounds: SimulationBounds = {
  spanMaxMs: limits.simulationSpanMaxMs,
  changesMax: limits.simulationChangesMax,
};

/** Nothing of these is judged: what pods use nobody knows. */
const NOT_JUDGED: ReadonlySet<string> = new Set(['HorizontalPodAutoscaler']);
const AT_REST: ReadonlySet<HealthState> = new Set(['Healthy', 'Suspended']);

/**
 * What a revision's rollout would do: the daemon's own whole runs on a copy of its state, on a clock that jumps from one timer to the next,
 * with pods that start and pass their probes as early as they can. Ends when all that changed is well, when nothing goes on any more, or
 * at a bound.
 */
export async function simulateRollout(
  snapshot: ClusterSnapshot,
  bounds: SimulationBounds = usualBounds,
): Promise<Simulation> {
  const beganAtMs = snapshot.nowMs;
  const clock = manualClock(beganAtMs);
  const { daemon, rollout } = await simulatedDaemon(snapshot, clock);
  const { oid } = snapshot.tree.commit;
  let bound: Simulation['bound'] = null;
  let quiet = { lastMs: -1, spanMs: 0 };
  const over = (): boolean => {
    if (rollout.changes() >= bounds.changesMax) bound = 'changes';
    else if (clock.now() - beganAtMs >= bounds.spanMaxMs) bound = 'time';
    if (bound !== null) return true;
    const report = daemon.report();
    if (report === null || !daemon.idle()) return false;
    if (report.revision === oid && isAtRest(report, rollout)) return true;
    const lastMs = beganAtMs + rollout.lastStepMs();
    if (lastMs !== quiet.lastMs) quiet = { lastMs, spanMs: quietSpan(rollout.objects.values()) };
    return clock.now() - lastMs >= quiet.spanMs;
  };
  await clock.runUntil(over, { withinMs: 2 * bounds.spanMaxMs, what: 'the simulation to end' });
  return simulationOf({ daemon, rollout, bound, oid });
}

async function simulationOf({
  daemon,
  rollout,
  bound,
  oid,
}: {
  readonly daemon: Daemon;
  readonly rollout: FollowedRollout;
  readonly bound: Simulation['bound'];
  readonly oid: string;
}): Promise<Simulation> {
  const report = daemon.report();
  const steps = rollout.steps();
  const stops = report === null ? [] : stopsOf(report, { ...rollout, steps });
  const availability = rollout.recorder
    .availability()
    .filter(({ workload, before }) => before > 0 && steps.some((step) => isOf(step, workload)));
  return {
    outcome: outcomeOf({ bound, stops, steps }),
    revision: oid,
    durationMs: steps.at(-1)?.atMs ?? 0,
    ...{ steps, availability, stops, bound },
    spentBudgets: await spentBudgets(daemon),
  };
}

async function spentBudgets({ client }: Daemon): Promise<readonly ObjectRef[]> {
  const kind = { group: 'policy', kind: 'PodDisruptionBudget' };
  const caller = { user: 'system:pintle', groups: ['system:masters'], fieldManager: 'pintle' };
  const { items } = await client.list(kind, {}, caller);
  return items
    .filter((budget) => {
      const { disruptionsAllowed, expectedPods } = statusOf(budget);
      return disruptionsAllowed === 0 && numberOf(expectedPods, 0) > 0;
    })
    .map(refOf);
}

function outcomeOf({
  bound,
  stops,
  steps,
}: Pick<Simulation, 'bound' | 'stops' | 'steps'>): SimulationOutcome {
  if (bound !== null) return 'bound-met';
  if (stops.length > 0) return 'stops';
  return steps.length === 0 ? 'nothing-to-do' : 'completes';
}

function isOf({ workload }: RolloutStep, ref: ObjectRef): boolean {
  return workload !== null && refText(workload) === refText(ref);
}

/** All that was touched is well, and what it leaves behind is gone. */
function isAtRest(report: StatusReport, { touched, recorder }: FollowedRollout): boolean {
  return report.objects
    .filter((object) => concerns(object, touched))
    .every(({ ref, health }) => AT_REST.has(health.state) && recorder.leaving(ref) === 0);
}

function concerns({ ref, sync, syncReason }: ObjectStatus, touched: ReadonlySet<string>): boolean {
  if (NOT_JUDGED.has(ref.kind)) return false;
  return (sync === 'Blocked' && PASSING.has(syncReason)) || touched.has(refText(ref));
}

/** Blocks that end by themselves. */
const PASSING: ReadonlySet<string> = new Set([
  ...['terminating', 'kind-not-served', 'comes-with-namespace', 'waits'],
]);
