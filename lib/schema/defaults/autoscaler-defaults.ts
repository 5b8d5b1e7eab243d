import type { Draft } from '../draft.ts';
import type { HorizontalPodAutoscaler, HPAScalingRules } from '../types.gen.ts';

const CPU_PERCENT = 80;
const POLICY_SECONDS = 15;

/** Source: autoscaling/v2 defaults.go. Behaviour is filled in only where one is given; its policies replace the usual ones. */
export function defaultAutoscaler({ spec }: Draft<HorizontalPodAutoscaler>): void {
  if (spec === undefined) return;
  spec.minReplicas ??= 1;
  spec.metrics ??= [
    {
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: CPU_PERCENT } },
    },
  ];
  if (spec.behavior === undefined) return;
  const up: Draft<HPAScalingRules> = {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: POLICY_SECONDS },
      { type: 'Percent', value: 100, periodSeconds: POLICY_SECONDS },
    ],
  };
  // The window of scaling down is the controller's own setting, unless one is given.
  const down: Draft<HPAScalingRules> = {
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 100, periodSeconds: POLICY_SECONDS }],
  };
  spec.behavior.scaleUp = { ...up, ...spec.behavior.scaleUp };
  spec.behavior.scaleDown = { ...down, ...spec.behavior.scaleDown };
}
