import type { JsonObject } from '../../base/json.ts';
import { NONE, orElse, UNSET } from './cell-text.ts';
import { AGE, type ColumnsByKind, integer, NAME, text } from './column.ts';
import { itemsAt, memberAt, numberAt, textAt } from './member-at.ts';

/** Where each type of metric has its target and current values. */
const SOURCES: Readonly<Record<string, string>> = {
  External: 'external',
  Pods: 'pods',
  Object: 'object',
  Resource: 'resource',
  ContainerResource: 'containerResource',
};
const SHOWN_MAX = 2;
const UNKNOWN = '<unknown>';

function metricText(spec: JsonObject, status: JsonObject | undefined): string {
  const type = textAt(spec, 'type');
  const source = SOURCES[type];
  if (source === undefined) return '<unknown type>';
  const target = memberAt(spec, source, 'target');
  const current = memberAt(status, source, 'current');
  const pair = (name: string): string => `${textAt(current, name) || UNKNOWN}/${textAt(target, name)}`;
  const averaged = memberAt(target, 'averageValue') !== undefined;
  if (type === 'Pods') return pair('averageValue');
  if (type === 'External' || type === 'Object')
    return averaged ? `${pair('averageValue')} (avg)` : pair('value');
  const name = textAt(spec, source, 'name');
  if (averaged) return `${name}: ${pair('averageValue')}`;
  const wanted = memberAt(target, 'averageUtilization');
  const used = memberAt(current, 'averageUtilization');
  return `${name}: ${used === undefined ? UNKNOWN : `${used}%`}/${wanted === undefined ? '<auto>' : `${wanted}%`}`;
}

/** `cpu: 10%/80%`: current and wanted, of two metrics at most. v1 has one only. */
function targets(object: JsonObject): string {
  if (object.apiVersion === 'autoscaling/v1') return cpuOnly(object);
  const metrics = itemsAt(object, 'spec', 'metrics');
  if (metrics.length === 0) return NONE;
  const current = itemsAt(object, 'status', 'currentMetrics');
  const shown = metrics.slice(0, SHOWN_MAX).map((spec, at) => metricText(spec, current[at]));
  const more = metrics.length - shown.length;
  return more > 0 ? `${shown.join(', ')} + ${more} more...` : shown.join(', ');
}

function cpuOnly(object: JsonObject): string {
  const wanted = memberAt(object, 'spec', 'targetCPUUtilizationPercentage');
  if (wanted === undefined) return NONE;
  const used = memberAt(object, 'status', 'currentCPUUtilizationPercentage');
  return `cpu: ${used === undefined ? UNKNOWN : `${used}%`}/${wanted}%`;
}

export const autoscalingColumns: ColumnsByKind = {
  'autoscaling/HorizontalPodAutoscaler': [
    NAME,
    text('Reference', (object) => {
      const target = memberAt(object, 'spec', 'scaleTargetRef');
      return `${textAt(target, 'kind')}/${textAt(target, 'name')}`;
    }),
    text('Targets', targets),
    text('MinPods', orElse(UNSET, 'spec', 'minReplicas')),
    integer('MaxPods', (object) => numberAt(object, 'spec', 'maxReplicas')),
    integer('Replicas', (object) => numberAt(object, 'status', 'currentReplicas')),
    AGE,
  ],
  'policy/PodDisruptionBudget': [
    NAME,
    text('Min Available', orElse('N/A', 'spec', 'minAvailable')),
    text('Max Unavailable', orElse('N/A', 'spec', 'maxUnavailable')),
    integer('Allowed Disruptions', (object) => numberAt(object, 'status', 'disruptionsAllowed')),
    AGE,
  ],
};
