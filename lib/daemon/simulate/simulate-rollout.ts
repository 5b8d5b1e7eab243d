import type { DurationMs, EpochMs } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import { manualClock } from '../../base/manual-clock.ts';
import { type KubeObject, type ObjectRef, refText } from '../../schema/object.ts';
import type { HealthState } from '../../status/health-state.ts';
import type { ObjectStatus, StatusReport } from '../../status/report.ts';
import type { DaemonEvent } from '../control-protocol.ts';
import type { Daemon } from '../daemon.ts';
import type { ClusterSnapshot } from './cluster-snapshot.ts';
import { quietSpan } from './quiet-span.ts';
import {
  type Availability,
  type RolloutRecorder,
  recordedKinds,
  rolloutRecorder,
} from './rollout-recorder.ts';
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
  readonly availability: readonly Availability[];
  /** Why it does not go on, object by object; empty where it completes. */
  readonly stops: readonly RolloutStop[];
  /** Which bound ended it before it came to an end. */
  readonly bound: 'time' | 'changes' | null;
};

/** Nothing of these says anything here: what pods use, and when programs end, nobody knows. */
const NOT_JUDGED: ReadonlySet<string> = new Set(['HorizontalPodAutoscaler']);
const AT_REST: ReadonlySet<HealthState> = new Set(['Healthy', 'Suspended']);

/**
 * What a revision's rollout would do: the daemon's own whole runs on a copy of its state, on a clock that jumps from one timer to the next,
 * with pods that start and pass their probes as early as they can. Ends when all that changed is well, when nothing goes on any more, or
 * at a bound.
 */
export async function simulateRollout(snapshot: ClusterSnapshot): Promise<Simulation> {
  const beganAtMs = snapshot.nowMs;
  const clock = manualClock(beganAtMs);
  const recorder = rolloutRecorder(beganAtMs);
  const touched = new Set<string>();
  const objects = new Map<string, KubeObject>();
  let lastReportMs = beganAtMs;
  const { daemon, changes } = await simulatedDaemon(snapshot, {
    clock,
    kinds: recordedKinds,
    onChange({ object, change }) {
      if (change === 'gone') objects.delete(object.metadata.uid ?? '');
      else if (object.kind !== 'Event') objects.set(object.metadata.uid ?? '', object);
      recorder.see(object, change, clock.now());
    },
    onStart(started) {
      started.subscribe((event) => hear(event, { started, recorder, touched, now: clock.now() }));
    },
  });
  const ours = ourSteps(recorder, touched);
  let bound: Simulation['bound'] = null;
  let quietMs = 0;
  const over = (): boolean => {
    const report = daemon.report();
    if (report === null || !daemon.idle()) return false;
    if (report.revision === snapshot.tree.commit.oid && isAtRest(report, { touched, recorder })) return true;
    if (changes() >= limits.simulationChangesMax) bound = 'changes';
    else if (clock.now() - beganAtMs >= limits.simulationSpanMaxMs) bound = 'time';
    if (bound !== null) return true;
    const lastMs = beganAtMs + (ours().at(-1)?.atMs ?? 0);
    if (lastMs !== lastReportMs || quietMs === 0) {
      lastReportMs = lastMs;
      quietMs = quietSpan(objects.values());
    }
    return clock.now() - lastMs >= quietMs;
  };
  await clock.runUntil(over, { withinMs: 2 * limits.simulationSpanMaxMs, what: 'the simulation to end' });
  const report = daemon.report();
  const steps = ours();
  const stops = report === null ? [] : stopsOf(report, { steps, isTouched: (of) => isTouched(of, touched) });
  return {
    outcome: outcomeOf({ bound, stops, steps }),
    revision: snapshot.tree.commit.oid,
    durationMs: steps.at(-1)?.atMs ?? 0,
    steps,
    availability: recorder
      .availability()
      .filter(({ workload, before }) => before > 0 && steps.some((step) => isOf(step, workload))),
    stops,
    bound,
  };
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

function hear(
  event: DaemonEvent,
  {
    started,
    recorder,
    touched,
    now,
  }: {
    readonly started: Daemon;
    readonly recorder: RolloutRecorder;
    readonly touched: Set<string>;
    readonly now: EpochMs;
  },
): void {
  const refOf = (label: string): ObjectRef | null =>
    started.report()?.objects.find(({ ref }) => refText(ref) === label)?.ref ?? null;
  switch (event.type) {
    case 'object':
      touched.add(event.object);
      recorder.add({ kind: 'applied', workload: null, changes: [`${event.action} ${event.object}`] }, now);
      break;
    case 'health': {
      if (event.state !== 'Healthy' || !touched.has(event.object)) break;
      const workload = refOf(event.object);
      if (workload !== null && RUN.has(workload.kind)) recorder.add({ kind: 'healthy', workload }, now);
      break;
    }
    case 'hold': {
      touched.add(event.object);
      const { evidence, mode } = event;
      recorder.add(
        { kind: 'failed', workload: refOf(event.object), evidence, takenBack: mode === 'hold' },
        now,
      );
      break;
    }
    default:
  }
}

/** Kinds whose becoming healthy takes time. */
const RUN: ReadonlySet<string> = new Set([
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController'],
  ...['Job', 'Pod', 'PersistentVolumeClaim', 'Service'],
]);

/** Steps of what the revision touched; what goes on beside it (a CronJob's runs) is none of a rollout. */
function ourSteps(recorder: RolloutRecorder, touched: ReadonlySet<string>): () => readonly RolloutStep[] {
  return () => recorder.steps().filter(({ workload }) => workload === null || isTouched(workload, touched));
}

/** What the revision changed, or serves and was disturbed by it. */
function isTouched(workload: ObjectRef, touched: ReadonlySet<string>): boolean {
  return touched.has(refText(workload)) || !['CronJob', 'Job'].includes(workload.kind);
}

/** All that was touched is well, and what it leaves behind is gone. */
function isAtRest(
  report: StatusReport,
  { touched, recorder }: { readonly touched: ReadonlySet<string>; readonly recorder: RolloutRecorder },
): boolean {
  const waiting = report.objects.filter((object) => concerns(object, touched));
  return waiting.every(({ ref, health }) => AT_REST.has(health.state) && recorder.leaving(ref) === 0);
}

function concerns({ ref, sync, syncReason }: ObjectStatus, touched: ReadonlySet<string>): boolean {
  if (NOT_JUDGED.has(ref.kind)) return false;
  const waits = sync === 'Blocked' && PASSING.has(syncReason);
  return waits || touched.has(refText(ref));
}

/** Blocks that end by themselves. */
const PASSING: ReadonlySet<string> = new Set(['terminating', 'kind-not-served', 'comes-with-namespace']);
