import type { FieldPath } from '../finding.ts';
import type { Said } from '../finding-list.ts';
import { checkDns1123Subdomain } from '../names.ts';
import { quantityOf } from '../quantity.ts';
import { type At, type Rule, type Sound, typeNamed } from '../rule.ts';
import type { HorizontalPodAutoscalerSpec, HPAScalingRules, MetricSpec, MetricTarget } from '../types.gen.ts';
import { forbiddenField, invalidValue, requiredValue } from '../wording.ts';
import { checkText } from './name-text.ts';
import { checkRange } from './number-range.ts';

const WINDOW_SECONDS_MAX = 3600;
const PERIOD_SECONDS_MAX = 1800;

/** The field of a metric by its type, and the targets that it can have. Source: autoscaling validation.go. */
const SOURCES = {
  Resource: { field: 'resource', targets: ['Utilization', 'AverageValue'] },
  ContainerResource: { field: 'containerResource', targets: ['Utilization', 'AverageValue'] },
  Pods: { field: 'pods', targets: ['AverageValue'] },
  Object: { field: 'object', targets: ['Value', 'AverageValue'] },
  External: { field: 'external', targets: ['Value', 'AverageValue'] },
} as const;

const autoscaler: Rule = {
  on: typeNamed('autoscaling/v2.HorizontalPodAutoscalerSpec'),
  check(spec: Sound<HorizontalPodAutoscalerSpec>, at) {
    const { minReplicas = 1, maxReplicas, metrics = [], scaleTargetRef } = spec;
    const toZero = metrics.some(({ type }) => type === 'Object' || type === 'External');
    checkRange(at, spec.minReplicas, {
      path: ['minReplicas'],
      min: toZero ? 0 : 1,
      why: `must be greater than or equal to ${toZero ? 0 : 1}`,
    });
    checkRange(at, maxReplicas, { path: ['maxReplicas'], min: 1, why: 'must be greater than 0' });
    if (maxReplicas !== undefined && maxReplicas >= 1 && minReplicas > maxReplicas)
      at.error(
        'out-of-range',
        ['minReplicas'],
        `must be no more than maxReplicas (${maxReplicas}); it is ${minReplicas}`,
        {
          wording: invalidValue(maxReplicas, 'must be greater than or equal to `minReplicas`'),
          apiPath: ['maxReplicas'],
        },
      );
    checkText(at, scaleTargetRef?.name, { path: ['scaleTargetRef', 'name'], check: checkDns1123Subdomain });
    for (const [index, metric] of metrics.entries()) checkMetric(at, metric, ['metrics', index]);
    for (const direction of ['scaleUp', 'scaleDown'] as const)
      checkBehavior(at, spec.behavior?.[direction], ['behavior', direction]);
  },
};

function checkMetric(at: At, metric: Sound<MetricSpec>, path: FieldPath): void {
  const { type } = metric;
  if (type === undefined || !Object.hasOwn(SOURCES, type)) return;
  const { field, targets } = SOURCES[type as keyof typeof SOURCES];
  const given = Object.keys(metric).filter((name) => name !== 'type');
  for (const other of given.filter((name) => name !== field))
    at.error('invalid-metric', [...path, other], `does not go with type ${type}`, {
      wording: forbiddenField('must populate the given metric source only'),
    });
  const source = metric[field];
  if (source === undefined) {
    at.error('invalid-metric', path, `of type ${type} needs ${field}`, {
      wording: requiredValue('must populate information for the given metric source'),
      apiPath: [...path, field],
    });
    return;
  }
  if (source.target !== undefined)
    checkTarget(at, { target: source.target, allowed: targets, path: [...path, field, 'target'] });
}

const TARGET_FIELDS = {
  Utilization: 'averageUtilization',
  AverageValue: 'averageValue',
  Value: 'value',
} as const;

function checkTarget(
  at: At,
  what: {
    readonly target: Sound<MetricTarget>;
    readonly allowed: readonly string[];
    readonly path: FieldPath;
  },
): void {
  const { target, allowed, path } = what;
  const { type } = target;
  if (type === undefined || !Object.hasOwn(TARGET_FIELDS, type)) return;
  if (!allowed.includes(type)) {
    at.error('invalid-metric', [...path, 'type'], `must be ${allowed.join(' or ')} here; it is ${type}`, {
      ...missingTarget(what),
    });
    return;
  }
  const field = TARGET_FIELDS[type as keyof typeof TARGET_FIELDS];
  const value = target[field];
  if (value === undefined)
    at.error('invalid-metric', path, `of type ${type} needs ${field}`, missingTarget(what));
  else if ((quantityOf(value)?.nanos ?? 1n) <= 0n)
    at.error('invalid-metric', [...path, field], `must be greater than 0; it is ${value}`, {
      wording: invalidValue(value, type === 'Utilization' ? 'must be greater than 0' : 'must be positive'),
    });
}

/** What the API says of a target that lacks what its source asks for. */
function missingTarget(where: { readonly allowed: readonly string[]; readonly path: FieldPath }): Said {
  const source = String(where.path.at(-2));
  const [member = '', why = ''] = MISSING_TARGET[source] ?? [];
  return { wording: requiredValue(why), apiPath: [...where.path, member] };
}

const EITHER = 'must set either a target raw value or a target utilization';
const MISSING_TARGET: Readonly<Record<string, readonly [member: string, why: string]>> = {
  resource: ['averageUtilization', EITHER],
  containerResource: ['averageUtilization', EITHER],
  pods: ['averageValue', 'must specify a positive target averageValue'],
  object: ['averageValue', 'must set either a target value or averageValue'],
  external: ['averageValue', 'must set either a target value for metric or a per-pod target'],
};

function limitWords(value: number | undefined, max: number, least: string): string {
  return value !== undefined && value > max ? `must be less than or equal to ${max}` : `must be ${least}`;
}

function checkBehavior(at: At, rules: Sound<HPAScalingRules> | undefined, path: FieldPath): void {
  if (rules === undefined) return;
  checkRange(at, rules.stabilizationWindowSeconds, {
    path: [...path, 'stabilizationWindowSeconds'],
    min: 0,
    max: WINDOW_SECONDS_MAX,
    why: limitWords(rules.stabilizationWindowSeconds, WINDOW_SECONDS_MAX, 'greater than or equal to zero'),
  });
  if (rules.policies !== undefined && rules.policies.length === 0)
    at.error('missing-field', [...path, 'policies'], 'must hold at least one policy', {
      wording: requiredValue('must specify at least one Policy'),
    });
  for (const [index, { value, periodSeconds }] of (rules.policies ?? []).entries()) {
    checkRange(at, value, { path: [...path, 'policies', index, 'value'], min: 1 });
    checkRange(at, periodSeconds, {
      path: [...path, 'policies', index, 'periodSeconds'],
      min: 1,
      max: PERIOD_SECONDS_MAX,
      why: limitWords(periodSeconds, PERIOD_SECONDS_MAX, 'greater than zero'),
    });
  }
}

export const autoscalers: readonly Rule[] = [autoscaler];
