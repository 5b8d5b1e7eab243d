import type { JsonObject } from '../../base/json.ts';
import type { ObjectRef } from '../../schema/object.ts';
import type { RolloutStep } from './rollout-step.ts';
import type { Simulation } from './simulate-rollout.ts';

/** Member `simulation` of a plan for machines; stable, documented in the README. */
export function simulationJson(simulation: Simulation): JsonObject {
  const { outcome, durationMs, bound, steps, availability, stops, spentBudgets } = simulation;
  return {
    ...{ outcome, durationMs, bound },
    steps: steps.map(stepJson),
    availability: availability.map(({ workload, ...numbers }) => ({ ...nameOf(workload), ...numbers })),
    stops: stops.map(({ object, ...why }) => ({ ...nameOf(object), ...why })),
    spentBudgets: spentBudgets.map(nameOf),
  };
}

function stepJson({ workload, ...step }: RolloutStep): JsonObject {
  const whose = workload === null ? null : nameOf(workload);
  return 'of' in step ? { ...step, of: nameOf(step.of), workload: whose } : { ...step, workload: whose };
}

function nameOf({ group, kind, namespace, name }: ObjectRef): JsonObject {
  return { group, kind, namespace, name };
}
