import { type DraftObject, type DraftValue, draftAt, draftItems, isAbsent, isDraftObject } from '../draft.ts';
import type { ConversionTable } from './conversion-step.ts';

/** autoscaling/v1 knows one metric: the use of CPU, in per cent of what is requested. */
function oneMetric(draft: DraftObject): void {
  const spec = draftAt(draft, 'spec');
  const percent = spec?.targetCPUUtilizationPercentage;
  if (spec === undefined || percent === undefined) return;
  delete spec.targetCPUUtilizationPercentage;
  if (percent === null || !isAbsent(spec.metrics)) return;
  spec.metrics = [
    {
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percent } },
    },
  ];
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
