import {
  type DraftObject,
  type DraftValue,
  draftAt,
  draftItems,
  draftOf,
  isAbsent,
  isDraftObject,
} from '../draft.ts';
import type { ConversionTable } from './conversion-step.ts';

/** Where v1 keeps what it has no field for. Source: autoscaling annotations of Kubernetes. */
export const AUTOSCALER_METRICS = 'autoscaling.alpha.kubernetes.io/metrics';
export const AUTOSCALER_BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior';

/** autoscaling/v1 knows one metric: the use of CPU, in per cent of what is requested. Others stand in annotations. */
function oneMetric(draft: DraftObject): void {
  const spec = draftAt(draft, 'spec');
  if (spec === undefined) return;
  const others = keptAside(draft, AUTOSCALER_METRICS);
  const behavior = keptAside(draft, AUTOSCALER_BEHAVIOR);
  if (isDraftObject(behavior) && isAbsent(spec.behavior)) spec.behavior = behavior;
  const percent = spec.targetCPUUtilizationPercentage;
  delete spec.targetCPUUtilizationPercentage;
  if (!isAbsent(spec.metrics)) return;
  const cpu: DraftObject = {
    type: 'Resource',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percent } },
  };
  const metrics = [...(Array.isArray(others) ? others : []), ...(isAbsent(percent) ? [] : [cpu])];
  if (metrics.length > 0) spec.metrics = metrics;
}

/** Takes an annotation that holds JSON; what cannot be read stays what it is. */
function keptAside(draft: DraftObject, name: string): DraftValue | undefined {
  const annotations = draftAt(draft, 'metadata', 'annotations');
  const text = annotations?.[name];
  if (annotations === undefined || typeof text !== 'string') return undefined;
  try {
    const value = draftOf(JSON.parse(text) as DraftValue);
    delete annotations[name];
    return value;
  } catch {
    return undefined;
  }
}

/** Moves members into a new object, those that are there. */
function taken(from: DraftObject, names: Readonly<Record<string, string>>): DraftObject {
  const into: DraftObject = {};
  for (const [old, name] of Object.entries(names)) {
    const value = from[old];
    delete from[old];
    if (!isAbsent(value)) into[name] = value;
  }
  return into;
}

/** The kind of target is said by the field that is set. Source: autoscaling/v2beta1 conversion. */
function typed(target: DraftObject): DraftObject {
  const type = !isAbsent(target.averageUtilization)
    ? 'Utilization'
    : !isAbsent(target.averageValue)
      ? 'AverageValue'
      : 'Value';
  return { type, ...target };
}

/** The metric sources of v2beta1, which named and aimed each in its own way. */
function oldMetric(metric: DraftObject): void {
  for (const name of ['resource', 'containerResource']) {
    const source = metric[name];
    if (!isDraftObject(source)) continue;
    source.target = typed(
      taken(source, {
        targetAverageUtilization: 'averageUtilization',
        targetAverageValue: 'averageValue',
      }),
    );
  }
  const { pods, object, external } = metric;
  if (isDraftObject(pods)) {
    pods.metric = taken(pods, { metricName: 'name', selector: 'selector' });
    pods.target = typed(taken(pods, { targetAverageValue: 'averageValue' }));
  }
  if (isDraftObject(object)) {
    const described: DraftValue | undefined = object.target;
    object.metric = taken(object, { metricName: 'name', selector: 'selector' });
    object.target = typed(taken(object, { averageValue: 'averageValue', targetValue: 'value' }));
    if (described !== undefined) object.describedObject = described;
  }
  if (isDraftObject(external)) {
    external.metric = taken(external, { metricName: 'name', metricSelector: 'selector' });
    external.target = typed(taken(external, { targetAverageValue: 'averageValue', targetValue: 'value' }));
  }
}

export const autoscalingConversions: ConversionTable = {
  'autoscaling/v1/HorizontalPodAutoscaler': {
    convert(draft) {
      oneMetric(draft);
      // Its status has other fields; controllers write it anew.
      delete draft.status;
    },
  },
  'autoscaling/v2beta1/HorizontalPodAutoscaler': {
    removedIn: '1.25',
    convert(draft, notes) {
      const metrics = draftItems(draftAt(draft, 'spec')?.metrics);
      metrics.forEach(oldMetric);
      delete draft.status;
      if (metrics.length > 0) notes.toWrite.push(`spec.metrics: ${JSON.stringify(metrics)}`);
    },
  },
  'autoscaling/v2beta2/HorizontalPodAutoscaler': { removedIn: '1.26' },
};
