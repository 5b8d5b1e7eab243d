import type { DurationMs } from '../../base/clock.ts';
import { assertNever } from '../../base/errors.ts';
import { type ObjectRef, refText } from '../../schema/object.ts';

/** One thing a reader of a rollout wants to know of; what is alike and at the same time is one. */
export type RolloutStep = {
  /** From the beginning. */
  readonly atMs: DurationMs;
  /** Whose rollout it belongs to: a Deployment, not its ReplicaSet. null: the revision's. */
  readonly workload: ObjectRef | null;
} & StepFacts;

export type StepFacts =
  /** `create ConfigMap shop/web`. */
  | { readonly kind: 'applied'; readonly changes: readonly string[] }
  | { readonly kind: 'scaled'; readonly of: ObjectRef; readonly from: number; readonly to: number }
  /** Pods, as their owner made or stopped them; `of` owns them. */
  | { readonly kind: PodStepKind; readonly of: ObjectRef; readonly pods: readonly string[] }
  /** Something does not go on. */
  | {
      readonly kind: 'waits';
      readonly of: ObjectRef;
      readonly reason: string;
      readonly message: string;
    }
  | { readonly kind: 'healthy' }
  /** It failed; `takenBack`: to what was good. */
  | { readonly kind: 'failed'; readonly evidence: string; readonly takenBack: boolean };

export const podStepKinds = ['created', 'ready', 'unready', 'stopped', 'succeeded', 'pod-failed'] as const;
export type PodStepKind = (typeof podStepKinds)[number];

export function isPodStep(
  step: RolloutStep,
): step is Extract<RolloutStep, { readonly pods: readonly string[] }> {
  return 'pods' in step;
}

/** More changes than these are counted. */
const NAMED_MAX = 3;

/** For people, without the time: `ReplicaSet shop/web-6b7 from 0 to 1`. */
export function stepText(step: RolloutStep): string {
  switch (step.kind) {
    case 'applied':
      return appliedText(step.changes);
    case 'scaled':
      return `${refText(step.of)} from ${step.from} to ${step.to}`;
    case 'created':
      return `${podsText(step.of, step.pods)} created`;
    case 'ready':
      return `${podsText(step.of, step.pods)} ready`;
    case 'unready':
      return `${podsText(step.of, step.pods)} no longer ready`;
    case 'stopped':
      return `${podsText(step.of, step.pods)} stopped`;
    case 'succeeded':
      return `${podsText(step.of, step.pods)} succeeded`;
    case 'pod-failed':
      return `${podsText(step.of, step.pods)} failed`;
    case 'waits':
      return `${refText(step.of)} waits: ${step.reason}: ${step.message}`;
    case 'healthy':
      return `${step.workload === null ? 'all' : refText(step.workload)} healthy`;
    case 'failed': {
      const then = step.takenBack ? '; taken back to what was good' : '';
      return `${step.workload === null ? 'it' : refText(step.workload)} failed: ${step.evidence}${then}`;
    }
    default:
      return assertNever(step);
  }
}

/** The plan has them all by name. */
function appliedText(changes: readonly string[]): string {
  if (changes.length <= NAMED_MAX) return `applied: ${changes.join(', ')}`;
  return `applied: ${changes.length} changes`;
}

/** Pods that are named by chance are counted, those of a StatefulSet named. */
function podsText(of: ObjectRef, pods: readonly string[]): string {
  const named = of.kind === 'StatefulSet' || of.kind === 'Pod';
  if (named) return `${pods.length === 1 ? 'pod' : 'pods'} ${pods.join(', ')}`;
  return `${pods.length} ${pods.length === 1 ? 'pod' : 'pods'} of ${refText(of)}`;
}
