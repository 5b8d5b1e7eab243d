import { deepEqual } from '../../base/json.ts';
import type { KubeObject } from '../../schema/object.ts';
import { checkPodSecurity } from '../../schema/pod-security.ts';
import { checkRestricted } from '../../schema/pod-security-restricted.ts';
import { podSpecOf } from '../../schema/pod-template.ts';
import type { PodSpec } from '../../schema/types.gen.ts';
import { forbidden, invalid } from '../api-failures.ts';
import type { Admission, WriteContext } from '../write-context.ts';
import { isMirroredByNode } from './mirror-pod.ts';

const LABEL = 'pod-security.kubernetes.io/';
export const podSecurityLevels = ['privileged', 'baseline', 'restricted'] as const;
export type PodSecurityLevel = (typeof podSecurityLevels)[number];

/**
 * What the labels of a namespace ask of its pods beyond what the machine's owner does: `enforce` refuses a pod, `warn` tells whoever writes
 * it, or what makes pods, and so does the level that will be enforced on the pods of what is written. No label gives more than the owner.
 * Source: PodSecurity admission.
 */
export function admitPodSecurityLevel(context: WriteContext, admission: Admission): KubeObject {
  const { kind, object } = admission;
  if (kind.group === '' && kind.kind === 'Namespace') checkLevels(admission);
  if (!kind.namespaced || isMirroredByNode(context, object)) return object;
  const found = podSpecOf(object);
  if (found === null || isJudged(found.spec, admission)) return object;
  const { spec } = found;
  const violations = (level: PodSecurityLevel): readonly string[] =>
    level === 'privileged'
      ? []
      : [
          ...checkPodSecurity(spec, found.path, found.metadata).map(({ message }) => message),
          ...(level === 'restricted' ? checkRestricted(spec) : []),
        ];
  const own: PodSecurityLevel = context.settings.allowHostAccess ? 'privileged' : 'baseline';
  const labels = labelsOf(context, object);
  const enforced = stricter(own, levelIn(labels, 'enforce'));
  const warned = stricter('privileged', levelIn(labels, 'warn'));
  const isPod = kind.group === '' && kind.kind === 'Pod';
  if (isPod) {
    const texts = violations(enforced);
    if (texts.length > 0) {
      throw forbidden(
        kind,
        object.metadata.name,
        `violates PodSecurity "${enforced}:latest": ${texts.join(', ')}`,
      );
    }
  }
  const told = isPod ? warned : stricter(enforced, warned);
  const texts = context.caller.onWarning === undefined ? [] : violations(told);
  if (texts.length > 0)
    context.caller.onWarning?.(`would violate PodSecurity "${told}:latest": ${texts.join(', ')}`);
  return object;
}

/** What is judged once is not told again with every write; of a pod only what containers are added to it is new. */
function isJudged(spec: PodSpec, { kind, previous }: Admission): boolean {
  const before = previous === undefined ? null : podSpecOf(previous);
  if (before === null) return false;
  if (kind.kind !== 'Pod') return deepEqual(before.spec, spec);
  return deepEqual(before.spec.ephemeralContainers, spec.ephemeralContainers);
}

function labelsOf(context: WriteContext, { metadata }: KubeObject): Readonly<Record<string, string>> {
  const namespaces = context.schema.kind({ group: '', kind: 'Namespace' });
  const name = metadata.namespace ?? '';
  return (namespaces && context.staging.get(namespaces, { namespace: '', name })?.metadata.labels) ?? {};
}

function levelIn(labels: Readonly<Record<string, string>>, mode: string): PodSecurityLevel {
  return podSecurityLevels.find((level) => level === labels[`${LABEL}${mode}`]) ?? 'privileged';
}

function stricter(a: PodSecurityLevel, b: PodSecurityLevel): PodSecurityLevel {
  return podSecurityLevels.indexOf(a) >= podSecurityLevels.indexOf(b) ? a : b;
}

/** A namespace whose labels mean nothing would be thought safe. */
function checkLevels({ kind, object, previous }: Admission): void {
  const labels = object.metadata.labels ?? {};
  const causes = ['enforce', 'audit', 'warn'].flatMap((mode) => {
    const value = labels[`${LABEL}${mode}`];
    if (value === undefined || value === previous?.metadata.labels?.[`${LABEL}${mode}`]) return [];
    if (podSecurityLevels.some((level) => level === value)) return [];
    const message = `Invalid value: ${JSON.stringify(value)}: must be one of ${podSecurityLevels.join(', ')}`;
    return [{ reason: 'FieldValueInvalid', message, field: `metadata.labels[${LABEL}${mode}]` }];
  });
  if (causes.length > 0) throw invalid(kind, object.metadata.name, causes);
}
