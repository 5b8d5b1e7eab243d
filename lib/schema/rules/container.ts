import { checkDns1123Label, checkEnvVarName } from '../names.ts';
import { type At, type Rule, type Sound, typeNamed } from '../rule.ts';
import type { Container, ContainerPort, EnvFromSource } from '../types.gen.ts';
import { duplicateValue, invalidValue, requiredValue } from '../wording.ts';
import { checkText } from './name-text.ts';
import { pathWords } from './path-words.ts';
import { checkPort, checkPortText } from './ports.ts';

/** Source: core/v1 validation.go validateContainerCommon. */
const container = {
  check({ name, image, ports = [], envFrom = [], volumeMounts = [] }: Sound<Container>, at: At) {
    checkText(at, name, { path: ['name'], check: checkDns1123Label });
    if (image === undefined || image === '')
      at.error('missing-field', ['image'], 'is required', { wording: requiredValue() });
    else if (image.trim() !== image || /\s/.test(image))
      at.error('invalid-image', ['image'], 'must not contain blanks', {
        suggestion: image.replaceAll(/\s+/g, ''),
        wording: invalidValue(image, 'must not have leading or trailing whitespace'),
      });
    checkPorts(at, ports);
    for (const [index, source] of envFrom.entries()) checkEnvFrom(at, source, index);
    for (const [index, mount] of volumeMounts.entries()) {
      const path = ['volumeMounts', index];
      if (mount.mountPath?.includes(':') === true)
        at.error('invalid-path', [...path, 'mountPath'], 'must not contain `:`', {
          wording: invalidValue(mount.mountPath, "must not contain ':'"),
        });
      for (const field of ['subPath', 'subPathExpr'] as const) {
        const sub = mount[field];
        if (sub === undefined || sub === '') continue;
        if (sub.startsWith('/') || sub.split('/').includes('..'))
          at.error('invalid-path', [...path, field], 'must be relative, without `..`', {
            wording: invalidValue(sub, pathWords(sub)),
          });
      }
      if (mount.subPath !== undefined && mount.subPath !== '' && (mount.subPathExpr ?? '') !== '')
        at.error('conflicting-fields', [...path, 'subPathExpr'], 'cannot be set together with subPath', {
          wording: invalidValue(mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'),
        });
    }
  },
};

function checkPorts(at: At, ports: readonly Sound<ContainerPort>[]): void {
  const names = new Map<string, number>();
  for (const [index, { containerPort, hostPort, name }] of ports.entries()) {
    checkPort(at, containerPort, ['ports', index, 'containerPort']);
    // Zero is as good as absent.
    if (hostPort !== 0) checkPort(at, hostPort, ['ports', index, 'hostPort']);
    checkPortText(at, name, ['ports', index, 'name']);
    if (name === undefined || name === '') continue;
    const first = names.get(name);
    if (first === undefined) names.set(name, index);
    else
      at.error('duplicate-entry', ['ports', index, 'name'], `is also the name of ports[${first}]`, {
        wording: duplicateValue(name),
      });
  }
}

function checkEnvFrom(at: At, source: Sound<EnvFromSource>, index: number): void {
  const path = ['envFrom', index];
  const given = [source.configMapRef, source.secretRef].filter((ref) => ref !== undefined);
  if (given.length !== 1)
    at.error('one-of', path, 'needs exactly one of configMapRef and secretRef', {
      wording: invalidValue(
        '',
        given.length === 0
          ? 'must specify one of: `configMapRef` or `secretRef`'
          : 'may not have more than one field specified at a time',
      ),
    });
  for (const field of ['configMapRef', 'secretRef'] as const)
    if (source[field] !== undefined && (source[field].name ?? '') === '')
      at.error('missing-field', [...path, field, 'name'], 'is required', {
        wording: requiredValue(),
      });
  checkText(at, source.prefix, { path: [...path, 'prefix'], check: checkEnvVarName, ruleId: 'invalid-env' });
}

export const containers: readonly Rule[] = [
  { on: typeNamed('core/v1.Container'), ...container },
  { on: typeNamed('core/v1.EphemeralContainer'), ...container },
];
