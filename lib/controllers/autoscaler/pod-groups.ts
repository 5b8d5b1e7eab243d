import { type DurationMs, type EpochMs, fromRfc3339 } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';
import { conditionOf } from '../../schema/pod-conditions.ts';
import type { Pod } from '../../schema/types.gen.ts';
import type { Sample, Samples } from './samples.ts';

/** The pods of a target by what is known of their use. Those that failed or go are in none. */
export type PodGroups = {
  readonly ready: readonly string[];
  /** Not yet ready, or so fresh that what they use says nothing. */
  readonly unready: readonly string[];
  /** Nobody knows what they use. */
  readonly missing: readonly string[];
};

export type StartPeriods = {
  /** So long after its start the processor use of a pod counts only while it is ready. */
  readonly cpuInitializationMs: DurationMs;
  /** A pod that became unready so soon after its start never was ready. */
  readonly initialReadinessMs: DurationMs;
};

const production: StartPeriods = {
  cpuInitializationMs: timings.autoscalerCpuInitializationMs,
  initialReadinessMs: timings.autoscalerInitialReadinessMs,
};

/** @param resource  of which the samples are; null: of something else. Source: upstream replica_calculator.go groupPods. */
export function groupPods(
  pods: readonly Pod[],
  samples: Samples,
  of: { readonly resource: string | null; readonly now: EpochMs; readonly periods?: StartPeriods },
): PodGroups {
  const ready: string[] = [];
  const unready: string[] = [];
  const missing: string[] = [];
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata;
    if (deletionTimestamp !== undefined || pod.status?.phase === 'Failed') continue;
    const sample = samples.get(name);
    if (pod.status?.phase === 'Pending') unready.push(name);
    else if (sample === undefined) missing.push(name);
    else if (of.resource === 'cpu' && isStarting(pod, sample, of.now, of.periods ?? production))
      unready.push(name);
    else ready.push(name);
  }
  return { ready, unready, missing };
}

function isStarting(pod: Pod, sample: Sample, now: EpochMs, periods: StartPeriods): boolean {
  const ready = conditionOf(pod.status?.conditions, 'Ready');
  const startedAtMs = fromRfc3339(pod.status?.startTime);
  if (ready === undefined || startedAtMs === null) return true;
  const changedAtMs = fromRfc3339(ready.lastTransitionTime) ?? 0;
  const isUnready = ready.status === 'False';
  // Right after a start the work of starting would be taken for load: the sample must begin after the pod was ready.
  if (startedAtMs + periods.cpuInitializationMs > now)
    return isUnready || sample.atMs < changedAtMs + sample.windowMs;
  return isUnready && startedAtMs + periods.initialReadinessMs > changedAtMs;
}
