import { checkEnvVarName } from '../names.ts';
import { type Rule, type Sound, typeNamed } from '../rule.ts';
import type { EnvVar, ObjectFieldSelector } from '../types.gen.ts';
import { invalidValue, requiredValue } from '../wording.ts';
import { checkText } from './name-text.ts';

const SOURCES = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'] as const;

const NO_SOURCE = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`';
const MANY_SOURCES = 'may not have more than one field specified at a time';

/** What the downward API hands out. Source: core/v1 validation.go, validEnvDownwardAPIFieldPathExpressions and the volume's. */
const FIELD_PATHS =
  /^(metadata\.(name|namespace|uid|labels|annotations)|metadata\.(labels|annotations)\['[^'\]]{1,320}'\]|spec\.(nodeName|serviceAccountName)|status\.(hostIPs?|podIPs?))$/;

/** Source: core/v1 validation.go ValidateEnv. */
const variable: Rule = {
  on: typeNamed('core/v1.EnvVar'),
  check({ name, value, valueFrom }: Sound<EnvVar>, at) {
    checkText(at, name, { path: ['name'], check: checkEnvVarName, ruleId: 'invalid-env' });
    if (valueFrom === undefined) return;
    if (value !== undefined && value !== '')
      at.error('conflicting-fields', ['valueFrom'], 'cannot be set together with value', {
        wording: invalidValue('', 'may not be specified when `value` is not empty'),
      });
    const sources = SOURCES.filter((source) => valueFrom[source] !== undefined).length;
    if (sources !== 1)
      at.error('one-of', ['valueFrom'], `needs exactly one of ${SOURCES.join(', ')}`, {
        wording: invalidValue('', sources === 0 ? NO_SOURCE : MANY_SOURCES),
      });
    for (const source of ['configMapKeyRef', 'secretKeyRef'] as const)
      if (valueFrom[source] !== undefined && (valueFrom[source].name ?? '') === '')
        at.error('missing-field', ['valueFrom', source, 'name'], 'is required', {
          wording: requiredValue(),
        });
  },
};

const field: Rule = {
  on: typeNamed('core/v1.ObjectFieldSelector'),
  check({ fieldPath = '' }: Sound<ObjectFieldSelector>, at) {
    if (fieldPath === '' || FIELD_PATHS.test(fieldPath)) return;
    at.error('invalid-env', ['fieldPath'], 'is not a field of a pod that can be read', {
      wording: invalidValue(
        fieldPath,
        `error converting fieldPath: field label not supported: ${fieldPath.slice(0, 200)}`,
      ),
    });
  },
};

export const env: readonly Rule[] = [variable, field];
