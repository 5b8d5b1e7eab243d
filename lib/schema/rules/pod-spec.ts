import { isIP } from 'node:net';
import { isArray, isObject } from '../../base/json.ts';
import { goStruct, goText } from '../go-value.ts';
import { checkDns1123Label, checkDns1123Subdomain, checkLabelKey } from '../names.ts';
import { type At, type Rule, type Sound, typeNamed } from '../rule.ts';
import type { Container, PodSpec, Toleration } from '../types.gen.ts';
import {
  duplicateValue,
  forbiddenField,
  invalidText,
  invalidValue,
  requiredValue,
  valueNotFound,
} from '../wording.ts';
import { IP_WORDS } from './address-words.ts';
import { checkText } from './name-text.ts';
import { checkRange } from './number-range.ts';
import { checkLabels } from './object-labels.ts';

const INT64_SAFE_MAX = Number.MAX_SAFE_INTEGER;
const LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** Source: core/v1 validation.go ValidatePodSpec. */
const podSpec: Rule = {
  on: typeNamed('core/v1.PodSpec'),
  check(spec: Sound<PodSpec>, at) {
    checkMounts(at, spec);
    checkContainerNames(at, spec);
    checkInitContainers(at, spec.initContainers ?? []);
    checkHostPorts(at, spec);
    checkRange(at, spec.activeDeadlineSeconds, {
      path: ['activeDeadlineSeconds'],
      min: 1,
      why: 'must be between 1 and 2147483647, inclusive',
    });
    checkRange(at, spec.terminationGracePeriodSeconds, {
      path: ['terminationGracePeriodSeconds'],
      min: 0,
      max: INT64_SAFE_MAX,
    });
    checkLabels(at, spec.nodeSelector ?? {}, ['nodeSelector']);
    checkText(at, spec.hostname, { path: ['hostname'], check: checkDns1123Label });
    checkText(at, spec.subdomain, { path: ['subdomain'], check: checkDns1123Label });
    for (const field of ['serviceAccountName', 'nodeName', 'priorityClassName', 'runtimeClassName'] as const)
      checkText(at, spec[field], { path: [field], check: checkDns1123Subdomain });
    if (spec.serviceAccountName === undefined)
      checkText(at, spec.serviceAccount, { path: ['serviceAccount'], check: checkDns1123Subdomain });
    if (spec.dnsPolicy === 'None' && (spec.dnsConfig?.nameservers ?? []).length === 0)
      at.error('missing-field', ['dnsConfig', 'nameservers'], 'is required where dnsPolicy is None', {
        wording: requiredValue('must provide at least one DNS nameserver when `dnsPolicy` is None'),
      });
    for (const [index, alias] of (spec.hostAliases ?? []).entries())
      if (alias.ip !== undefined && isIP(alias.ip) === 0)
        at.error('invalid-address', ['hostAliases', index, 'ip'], 'must be an IP address', {
          wording: invalidValue(alias.ip, IP_WORDS),
        });
    for (const [index, toleration] of (spec.tolerations ?? []).entries())
      checkToleration(at, toleration, index);
    for (const [index, { maxSkew }] of (spec.topologySpreadConstraints ?? []).entries())
      checkRange(at, maxSkew, { path: ['topologySpreadConstraints', index, 'maxSkew'], min: 1 });
  },
};

function checkMounts(at: At, spec: Sound<PodSpec>): void {
  const volumes = new Set([...(spec.volumes ?? []).map(({ name }) => name), ...claimTemplateNames(at)]);
  for (const list of LISTS)
    for (const [index, container] of (spec[list] ?? []).entries())
      for (const [mountAt, { name }] of (container.volumeMounts ?? []).entries()) {
        if (name === undefined || name === '' || volumes.has(name)) continue;
        const path = [list, index, 'volumeMounts', mountAt, 'name'];
        at.error(
          'unknown-volume',
          path,
          `names ${JSON.stringify(name.slice(0, 80))}, which is no volume of this pod`,
          { wording: valueNotFound(name) },
        );
      }
}

/** A StatefulSet's pods get a volume for each claim template, by its name. */
function claimTemplateNames({ kind, object }: At): readonly string[] {
  const templates =
    kind.kind === 'StatefulSet' && isObject(object.spec) ? object.spec.volumeClaimTemplates : [];
  if (!isArray(templates)) return [];
  return templates.flatMap((template) => {
    const metadata = isObject(template) ? template.metadata : undefined;
    return isObject(metadata) && typeof metadata.name === 'string' ? [metadata.name] : [];
  });
}

/** Within one list the facts' keys tell; a name is taken in all of them. */
function checkContainerNames(at: At, spec: Sound<PodSpec>): void {
  const taken = new Map<string, string>();
  for (const list of LISTS) {
    for (const [index, { name }] of (spec[list] ?? []).entries()) {
      if (name === undefined || name === '') continue;
      const first = taken.get(name);
      if (first === undefined) taken.set(name, list);
      else if (first !== list)
        at.error('duplicate-entry', [list, index, 'name'], `is also the name of one of ${first}`, {
          wording: duplicateValue(name),
        });
    }
  }
}

/** An init container ends before the pod begins; only one that goes on (a sidecar) is probed. */
function checkInitContainers(at: At, containers: readonly Sound<Container>[]): void {
  for (const [index, container] of containers.entries()) {
    if (container.restartPolicy === 'Always') continue;
    for (const field of ['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle'] as const)
      if (container[field] !== undefined)
        at.error(
          'conflicting-fields',
          ['initContainers', index, field],
          'is only for init containers with restartPolicy Always',
          { wording: forbiddenField('may not be set for init containers without restartPolicy=Always') },
        );
  }
}

function checkHostPorts(at: At, spec: Sound<PodSpec>): void {
  const taken = new Map<string, string>();
  for (const list of ['containers', 'initContainers'] as const)
    for (const [index, { ports = [] }] of (spec[list] ?? []).entries())
      for (const [
        portAt,
        { containerPort, hostPort = 0, protocol = 'TCP', hostIP = '' },
      ] of ports.entries()) {
        const path = [list, index, 'ports', portAt, 'hostPort'];
        if (hostPort === 0) continue;
        if (spec.hostNetwork === true && containerPort !== undefined && hostPort !== containerPort)
          at.error('conflicting-fields', path, 'must equal containerPort where hostNetwork is true', {
            suggestion: `${containerPort}`,
            wording: invalidValue(containerPort, 'must match `hostPort` when `hostNetwork` is true'),
            apiPath: [list, index, 'ports', portAt, 'containerPort'],
          });
        const key = `${hostIP}/${hostPort}/${protocol}`;
        if (taken.has(key) && list === 'containers')
          at.error('duplicate-entry', path, `is taken already, by ${taken.get(key)}`, {
            wording: duplicateValue(`${protocol}/${hostIP}/${hostPort}`),
          });
        taken.set(key, `${list}[${index}]`);
      }
}

function goToleration({ key, operator, value, effect, tolerationSeconds }: Sound<Toleration>): string {
  return goStruct('core.Toleration', {
    Key: goText(key),
    Operator: goText(operator),
    Value: goText(value),
    Effect: goText(effect),
    TolerationSeconds: tolerationSeconds === undefined ? '(*int64)(nil)' : String(tolerationSeconds),
  });
}

function checkToleration(at: At, toleration: Sound<Toleration>, index: number): void {
  const path = ['tolerations', index];
  const { key = '', operator, value = '', effect, tolerationSeconds } = toleration;
  checkText(at, key, { path: [...path, 'key'], check: checkLabelKey, ruleId: 'invalid-key' });
  if (key === '' && operator !== 'Exists')
    at.error('missing-field', [...path, 'key'], 'is required where operator is not Exists', {
      wording: invalidValue(
        operator ?? 'Equal',
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ),
      apiPath: [...path, 'operator'],
    });
  if (operator === 'Exists' && value !== '')
    at.error('conflicting-fields', [...path, 'value'], 'must be empty where operator is Exists', {
      wording: invalidText(goToleration(toleration), "value must be empty when `operator` is 'Exists'"),
      apiPath: [...path, 'operator'],
    });
  if (tolerationSeconds !== undefined && effect !== 'NoExecute')
    at.error('conflicting-fields', [...path, 'tolerationSeconds'], 'needs effect NoExecute', {
      wording: invalidValue(effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"),
      apiPath: [...path, 'effect'],
    });
}

export const podSpecRules: readonly Rule[] = [podSpec];
