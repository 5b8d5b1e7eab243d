import type { Standing } from '../plan/standing.ts';
import { groupOf, type KubeObject } from '../schema/object.ts';
import { healthOf } from './health.ts';
import type { HealthContext } from './health-state.ts';

/** Kinds that become healthy by what others bring: a Service and a budget by pods, which may be of a later wave. */
const BY_OTHERS: ReadonlySet<string> = new Set([
  '/Service',
  'policy/PodDisruptionBudget',
  'autoscaling/HorizontalPodAutoscaler',
]);

/** How a live object fares, for those that wait for it. What rests on purpose is ready. */
export function standingOf(object: KubeObject, context: HealthContext): Standing {
  const { state, reason } = healthOf(object, context);
  if (state === 'Healthy' || state === 'Suspended') return { state: 'ready', reason };
  const byOthers = state === 'Progressing' && BY_OTHERS.has(`${groupOf(object.apiVersion)}/${object.kind}`);
  return { state: byOthers ? 'awaits-others' : 'not-ready', reason };
}
