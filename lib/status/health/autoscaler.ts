import type { KubeObject } from '../../schema/object.ts';
import { degraded, type Health, healthy, progressing } from '../health-state.ts';
import { conditionFacts } from './status-fields.ts';

/** Reasons for which an HPA does not scale but nothing is wrong. */
const CALM: ReadonlySet<string> = new Set(['ScalingDisabled']);

export function autoscalerHealth(autoscaler: KubeObject): Health {
  const able = conditionFacts(autoscaler, 'AbleToScale');
  if (able === null) return progressing('Pending', 'it has not looked at its target yet');
  if (able.status === 'False') return degraded(able.reason, able.message);
  const active = conditionFacts(autoscaler, 'ScalingActive');
  if (active?.status !== 'False') return healthy;
  if (CALM.has(active.reason)) return { state: 'Suspended', reason: active.reason, message: active.message };
  // Metrics come some seconds after the pods do; until then this is the usual state and passes by itself.
  return progressing(active.reason, active.message);
}
