import { type EpochMs, toRfc3339 } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';
import { setCondition } from '../../schema/conditions.ts';
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerCondition,
  HorizontalPodAutoscalerStatus,
  MetricSpec,
  Pod,
} from '../../schema/types.gen.ts';
import type { Decision } from '../harness/decision.ts';
import { type Combined, combine } from './combine.ts';
import { proposalOf, type Reading } from './proposal.ts';
import { type LimitReason, limited } from './rate-limit.ts';
import type { ScaleTarget } from './scale-target.ts';
import { freshMemory, type ScalingMemory, withRecommendation, withScaling } from './scaling-memory.ts';
import { behaviorOf } from './scaling-rules.ts';
import { stabilised } from './stabilise.ts';
import { toleranceOf } from './tolerance.ts';

/** Sets spec.replicas of the target; `memory` is what is to be remembered once that is done. */
export type ScaleAction = { readonly do: 'scale'; readonly replicas: number; readonly memory: ScalingMemory };
export type ScaleWait = 'NextLook';
export type ScaleDecision = Decision<ScaleAction, HorizontalPodAutoscalerStatus, ScaleWait> & {
  /** What is to be remembered when nothing is scaled. */
  readonly memory: ScalingMemory;
};

export type ScaleInput = {
  readonly autoscaler: HorizontalPodAutoscaler;
  readonly target: ScaleTarget;
  /** Those the target selects. */
  readonly pods: readonly Pod[];
  readonly read: (metric: MetricSpec) => Reading;
  /** null: nothing is remembered, since this is the first look since the start. */
  readonly memory: ScalingMemory | null;
};

type Says = Omit<HorizontalPodAutoscalerCondition, 'lastTransitionTime'>;

/** Decides how many replicas a target should have now. Source: upstream reconcileAutoscaler. */
export function decideScale(input: ScaleInput, now: EpochMs): ScaleDecision {
  const { autoscaler, target } = input;
  const { minReplicas = 1, maxReplicas } = autoscaler.spec;
  const current = target.replicas;
  const memory = input.memory ?? freshMemory(current, now);
  const step: Step = { ...input, memory, now, says: [ableToRead] };
  if (current === 0 && minReplicas !== 0) {
    const message = 'Scaling is off while the target has no replicas';
    return decided(step, { says: [no('ScalingActive', 'ScalingDisabled', message)], desired: 0 });
  }
  if (current > maxReplicas)
    return scaled(step, maxReplicas, { why: 'more replicas than spec.maxReplicas', says: [] });
  if (current < minReplicas)
    return scaled(step, minReplicas, { why: 'fewer replicas than spec.minReplicas', says: [] });
  return byMetrics(step);
}

/** What is said when there is no target to size. */
export function withoutTarget(
  { status }: HorizontalPodAutoscaler,
  message: string,
  now: EpochMs,
): HorizontalPodAutoscalerStatus {
  const conditions = setCondition(status?.conditions, no('AbleToScale', 'FailedGetScale', message), now);
  return { desiredReplicas: 0, ...status, conditions };
}

type Step = Omit<ScaleInput, 'memory'> & {
  readonly memory: ScalingMemory;
  readonly now: EpochMs;
  readonly says: readonly Says[];
};

const yes = (type: string, reason: string, message: string): Says => ({
  type,
  status: 'True',
  reason,
  message,
});
const no = (type: string, reason: string, message: string): Says => ({
  type,
  status: 'False',
  reason,
  message,
});
const ableToRead = yes('AbleToScale', 'SucceededGetScale', 'The size of the target could be read');

function byMetrics(step: Step): ScaleDecision {
  const { autoscaler, target, now } = step;
  const { spec } = autoscaler;
  const current = target.replicas;
  const scene = {
    pods: step.pods,
    currentReplicas: current,
    statusReplicas: target.statusReplicas,
    tolerance: toleranceOf({ up: spec.behavior?.scaleUp, down: spec.behavior?.scaleDown }),
    now,
  };
  const metrics = spec.metrics ?? [];
  const combined = combine(
    metrics.map((metric) => proposalOf(metric, step.read(metric), scene)),
    current,
  );
  if (!combined.ok) {
    const { reason, message } = combined;
    const failed = decided(step, {
      says: [no('ScalingActive', reason, message)],
      desired: current,
      combined,
    });
    return { ...failed, notes: [{ type: 'Warning', reason, message }] };
  }
  const behavior = behaviorOf(spec);
  const recommendations = step.memory.recommendations;
  const calm = stabilised(
    { desired: combined.replicas, currentReplicas: current, recommendations },
    behavior,
    now,
  );
  const memory = withRecommendation(step.memory, combined.replicas, { behavior, now });
  const wish = { desired: calm, currentReplicas: current, minReplicas: spec.minReplicas ?? 1 };
  const result = limited({ ...wish, maxReplicas: spec.maxReplicas }, memory, { behavior, now });
  const says = [
    stableCondition(combined.replicas, calm),
    yes(
      'ScalingActive',
      'ValidMetricFound',
      `The metric ${combined.metric} asks for ${combined.replicas} replicas`,
    ),
    limitCondition(result.reason),
  ];
  const direction = result.replicas > current ? 'above' : 'below';
  return scaled({ ...step, memory }, result.replicas, {
    why: `${combined.metric} ${direction} target`,
    says,
    combined,
  });
}

function stableCondition(wanted: number, calm: number): Says {
  if (wanted < calm)
    return yes(
      'AbleToScale',
      'ScaleDownStabilized',
      `More replicas were wanted lately: ${calm} stay for now`,
    );
  if (wanted > calm)
    return yes('AbleToScale', 'ScaleUpStabilized', `Fewer replicas were wanted lately: ${calm} for now`);
  return yes('AbleToScale', 'ReadyForNewScale', 'Nothing of late speaks against what is wanted now');
}

const LIMIT_TEXT: Readonly<Record<LimitReason, string>> = {
  DesiredWithinRange: 'As many replicas are wanted as there may be',
  TooFewReplicas: 'Fewer replicas are wanted than spec.minReplicas',
  TooManyReplicas: 'More replicas are wanted than spec.maxReplicas',
  ScaleUpLimit: 'More replicas are wanted than may come within this time',
  ScaleDownLimit: 'Fewer replicas are wanted than may go within this time',
};

function limitCondition(reason: LimitReason): Says {
  const say = reason === 'DesiredWithinRange' ? no : yes;
  return say('ScalingLimited', reason, LIMIT_TEXT[reason]);
}

type Outcome = {
  readonly says: readonly Says[];
  readonly desired: number;
  readonly combined?: Combined;
  readonly scaledAtMs?: EpochMs;
};

function scaled(
  step: Step,
  replicas: number,
  how: { readonly why: string; readonly says: readonly Says[]; readonly combined?: Combined },
): ScaleDecision {
  const { now, memory, target, autoscaler } = step;
  const before = target.replicas;
  const { combined } = how;
  const outcome = { says: how.says, desired: replicas, ...(combined && { combined }) };
  if (replicas === before) return decided(step, outcome);
  const done = yes('AbleToScale', 'SucceededRescale', `The target was set to ${replicas} replicas`);
  const decision = decided(step, { ...outcome, says: [...how.says, done], scaledAtMs: now });
  const behavior = behaviorOf(autoscaler.spec);
  const after = withScaling(memory, { before, after: replicas }, { behavior, now });
  return {
    ...decision,
    actions: [{ do: 'scale', replicas, memory: after }],
    notes: [
      { type: 'Normal', reason: 'SuccessfulRescale', message: `New size: ${replicas}; reason: ${how.why}` },
    ],
  };
}

function decided({ autoscaler, target, memory, now, says }: Step, outcome: Outcome): ScaleDecision {
  const { metadata, status } = autoscaler;
  const conditions = [...says, ...outcome.says].reduce<readonly HorizontalPodAutoscalerCondition[]>(
    (list, condition) => setCondition(list, condition, now),
    status?.conditions ?? [],
  );
  const scaledAt = outcome.scaledAtMs === undefined ? status?.lastScaleTime : toRfc3339(outcome.scaledAtMs);
  const currentMetrics = outcome.combined?.statuses ?? [];
  return {
    actions: [],
    status: {
      conditions,
      ...(currentMetrics.length > 0 && { currentMetrics }),
      currentReplicas: target.statusReplicas,
      desiredReplicas: outcome.desired,
      ...(scaledAt !== undefined && { lastScaleTime: scaledAt }),
      ...(metadata.generation !== undefined && { observedGeneration: metadata.generation }),
    },
    waitingOn: ['NextLook'],
    requeueAtMs: now + timings.autoscalerSyncMs,
    notes: [],
    memory,
  };
}
