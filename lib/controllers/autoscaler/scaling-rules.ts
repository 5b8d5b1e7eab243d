import { timings } from '../../base/limits.ts';
import type { HorizontalPodAutoscalerSpec, HPAScalingPolicy } from '../../schema/types.gen.ts';

/** How fast, and after how much thought, replicas may change in one direction. */
export type ScalingRules = {
  readonly windowSeconds: number;
  readonly selectPolicy: string;
  readonly policies: readonly HPAScalingPolicy[];
};
export type Behavior = { readonly up: ScalingRules; readonly down: ScalingRules };

const POLICY_SECONDS = 15;

/** Source: autoscaling/v2 defaults.go. */
export const usualBehavior: Behavior = {
  up: {
    windowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: POLICY_SECONDS },
      { type: 'Percent', value: 100, periodSeconds: POLICY_SECONDS },
    ],
  },
  down: {
    windowSeconds: timings.autoscalerDownWindowMs / 1000,
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 100, periodSeconds: POLICY_SECONDS }],
  },
};

/** What is not said is as usual. */
export function behaviorOf({ behavior }: HorizontalPodAutoscalerSpec): Behavior {
  const fill = (given: typeof behavior & {}, which: 'up' | 'down'): ScalingRules => {
    const rules = which === 'up' ? given.scaleUp : given.scaleDown;
    const usual = usualBehavior[which];
    return {
      windowSeconds: rules?.stabilizationWindowSeconds ?? usual.windowSeconds,
      selectPolicy: rules?.selectPolicy ?? usual.selectPolicy,
      policies: rules?.policies ?? usual.policies,
    };
  };
  return { up: fill(behavior ?? {}, 'up'), down: fill(behavior ?? {}, 'down') };
}

export function longestPeriodSeconds({ policies }: Pick<ScalingRules, 'policies'>): number {
  return policies.reduce((longest, { periodSeconds }) => Math.max(longest, periodSeconds), 0);
}
