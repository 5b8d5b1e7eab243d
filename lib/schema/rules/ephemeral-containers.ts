import { isArray, isObject, type JsonValue } from '../../base/json.ts';
import { type At, type Rule, type Sound, typeNamed } from '../rule.ts';
import type { EphemeralContainer, PodSpec, PodTemplateSpec } from '../types.gen.ts';
import { forbiddenField, valueNotFound } from '../wording.ts';

/** It is looked in with and left: nothing counts on it, so nothing is promised to it. Source: core/v1 validateEphemeralContainers. */
const NOT_ALLOWED = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const;

const REFUSED = { wording: forbiddenField('cannot be set for an Ephemeral Container') };

const ephemeralContainer: Rule = {
  on: typeNamed('core/v1.EphemeralContainer'),
  check(container: Sound<EphemeralContainer>, at) {
    for (const field of NOT_ALLOWED)
      if (!isUnset(field, container[field]))
        at.error('conflicting-fields', [field], 'cannot be set for an ephemeral container', REFUSED);
    for (const [index, mount] of (container.volumeMounts ?? []).entries())
      for (const field of ['subPath', 'subPathExpr'] as const)
        if ((mount[field] ?? '') !== '')
          at.error(
            'conflicting-fields',
            ['volumeMounts', index, field],
            'cannot be set for an ephemeral container',
            REFUSED,
          );
  },
};

/** As good as absent: what kubectl sends for what nobody said. An empty probe or lifecycle is one all the same: defaults fill it. */
function isUnset(field: (typeof NOT_ALLOWED)[number], value: JsonValue | undefined): boolean {
  if (isArray(value)) return value.length === 0;
  const empty = field === 'resources' && isObject(value) && Object.keys(value).length === 0;
  return value === undefined || value === '' || empty;
}

/** The container whose processes an ephemeral one is to see is one of the pod's. */
const target: Rule = {
  on: typeNamed('core/v1.PodSpec'),
  check(spec: Sound<PodSpec>, at: At) {
    const names = new Set(
      [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ name }) => name),
    );
    for (const [index, { targetContainerName = '' }] of (spec.ephemeralContainers ?? []).entries())
      if (targetContainerName !== '' && !names.has(targetContainerName))
        at.error(
          'unknown-container',
          ['ephemeralContainers', index, 'targetContainerName'],
          `names ${JSON.stringify(targetContainerName.slice(0, 80))}, which is no container of this pod`,
          { wording: valueNotFound(targetContainerName) },
        );
  },
};

/** They are added to a pod that runs, through its subresource; no pod begins with one. */
const template: Rule = {
  on: typeNamed('core/v1.PodTemplateSpec'),
  check({ spec }: Sound<PodTemplateSpec>, at) {
    if ((spec?.ephemeralContainers ?? []).length > 0)
      at.error('conflicting-fields', ['spec', 'ephemeralContainers'], 'cannot be set in a template', {
        wording: forbiddenField('ephemeral containers not allowed in pod template'),
      });
  },
};

export const ephemeralContainers: readonly Rule[] = [ephemeralContainer, target, template];
