import { isIP } from 'node:net';
import type { JsonValue } from '../../base/json.ts';
import { goTexts } from '../go-value.ts';
import { isCidr } from '../ip-range.ts';
import { checkDns1123Label, checkDns1123Subdomain } from '../names.ts';
import { type At, type Rule, type Sound, typeNamed } from '../rule.ts';
import type { ServicePort, ServiceSpec } from '../types.gen.ts';
import { duplicateValue, forbiddenField, invalidText, invalidValue, requiredValue } from '../wording.ts';
import { CIDR_WORDS, IP_WORDS } from './address-words.ts';
import { checkText } from './name-text.ts';
import { checkRange } from './number-range.ts';
import { checkLabels } from './object-labels.ts';
import { checkPort, checkPortOrName } from './ports.ts';
import { checkReachable } from './reachable-address.ts';

/** Source: the API server's default --service-node-port-range. */
const NODE_PORTS = { min: 30_000, max: 32_767 };
const NODE_PORT_WORDS = `provided port is not in the valid range. The range of valid ports is ${NODE_PORTS.min}-${NODE_PORTS.max}`;
const AFFINITY_SECONDS_MAX = 86_400;

/** Source: core/v1 validation.go ValidateService. */
const service: Rule = {
  on: typeNamed('core/v1.ServiceSpec'),
  check(spec: Sound<ServiceSpec>, at) {
    const { type = 'ClusterIP', ports = [], clusterIP = '' } = spec;
    checkLabels(at, spec.selector ?? {}, ['selector']);
    if (ports.length === 0 && type !== 'ExternalName' && clusterIP !== 'None')
      at.error('missing-field', ['ports'], 'is required', { wording: requiredValue() });
    checkType(at, spec, type);
    const names = new Map<string, number>();
    for (const [index, port] of ports.entries()) {
      checkServicePort(at, port, { index, several: ports.length > 1, type });
      const { name = '' } = port;
      if (name === '') continue;
      const first = names.get(name);
      if (first === undefined) names.set(name, index);
      else
        at.error('duplicate-entry', ['ports', index, 'name'], `is also the name of ports[${first}]`, {
          wording: duplicateValue(name),
        });
    }
    if (clusterIP !== '' && clusterIP !== 'None' && isIP(clusterIP) === 0)
      at.error('invalid-address', ['clusterIP'], 'must be an IP address, None, or left out', {
        wording: invalidText(goTexts([clusterIP]), IP_WORDS),
        apiPath: ['clusterIPs', 0],
      });
    for (const [index, address] of (spec.clusterIPs ?? []).entries())
      if (address !== 'None' && isIP(address) === 0)
        at.error('invalid-address', ['clusterIPs', index], 'must be an IP address or None', {
          wording: invalidText(goTexts(spec.clusterIPs as JsonValue), IP_WORDS),
        });
    for (const [index, address] of (spec.externalIPs ?? []).entries())
      checkReachable(at, address, ['externalIPs', index]);
    for (const [index, range] of (spec.loadBalancerSourceRanges ?? []).entries())
      if (!isCidr(range.trim()))
        at.error(
          'invalid-address',
          ['loadBalancerSourceRanges', index],
          'must be a range such as 10.0.0.0/8',
          { wording: invalidValue(range, CIDR_WORDS) },
        );
    checkRange(at, spec.sessionAffinityConfig?.clientIP?.timeoutSeconds, {
      path: ['sessionAffinityConfig', 'clientIP', 'timeoutSeconds'],
      min: 1,
      max: AFFINITY_SECONDS_MAX,
      why: `must be greater than 0 and less than ${AFFINITY_SECONDS_MAX}`,
    });
  },
};

function checkType(at: At, spec: Sound<ServiceSpec>, type: string): void {
  const { clusterIP = '', externalName = '', sessionAffinity, sessionAffinityConfig } = spec;
  if (type === 'ExternalName') {
    if (clusterIP !== '' && clusterIP !== 'None')
      at.error('invalid-service', ['clusterIP'], 'cannot be set where type is ExternalName', {
        wording: forbiddenField('may not be set for ExternalName services'),
        apiPath: ['clusterIPs'],
      });
    if (externalName === '')
      at.error('missing-field', ['externalName'], 'is required where type is ExternalName', {
        wording: requiredValue(),
      });
    const name = externalName.replace(/\.$/, '');
    checkText(at, name, { path: ['externalName'], check: checkDns1123Subdomain });
    return;
  }
  if (clusterIP === 'None' && type !== 'ClusterIP')
    at.error('invalid-service', ['clusterIP'], `cannot be None where type is ${type}`, {
      wording: invalidValue('None', `may not be set to 'None' for ${type} services`),
      apiPath: ['clusterIPs', 0],
    });
  if (sessionAffinityConfig !== undefined && (sessionAffinity ?? 'None') === 'None')
    at.error('invalid-service', ['sessionAffinityConfig'], 'cannot be set where sessionAffinity is None', {
      wording: forbiddenField('must not be set when session affinity is None'),
    });
  if (
    (spec.externalTrafficPolicy ?? '') !== '' &&
    type === 'ClusterIP' &&
    (spec.externalIPs ?? []).length === 0
  )
    at.error('invalid-service', ['externalTrafficPolicy'], 'is only for NodePort and LoadBalancer Services', {
      wording: invalidValue(spec.externalTrafficPolicy, 'may only be set for externally-accessible services'),
    });
}

function checkServicePort(
  at: At,
  port: Sound<ServicePort>,
  where: { readonly index: number; readonly several: boolean; readonly type: string },
): void {
  const path = ['ports', where.index];
  if (where.several && (port.name ?? '') === '')
    at.error('missing-field', [...path, 'name'], 'is required where there are several ports', {
      wording: requiredValue(),
    });
  checkText(at, port.name, { path: [...path, 'name'], check: checkDns1123Label, ruleId: 'invalid-port' });
  checkPort(at, port.port, [...path, 'port']);
  if (port.targetPort !== 0) checkPortOrName(at, port.targetPort, [...path, 'targetPort']);
  const { nodePort = 0 } = port;
  if (nodePort === 0) return;
  if (where.type === 'ClusterIP' || where.type === 'ExternalName')
    at.error('invalid-service', [...path, 'nodePort'], `cannot be set where type is ${where.type}`, {
      wording: forbiddenField(`may not be used when \`type\` is '${where.type}'`),
    });
  else
    checkRange(at, nodePort, {
      path: [...path, 'nodePort'],
      ...NODE_PORTS,
      ruleId: 'invalid-port',
      why: NODE_PORT_WORDS,
    });
}

export const services: readonly Rule[] = [service];
