import type { ServiceSpec } from '../../schema/types.gen.ts';

const NODE_PORT_TYPES: ReadonlySet<string> = new Set(['NodePort', 'LoadBalancer']);

/** Whether Services of this type have a cluster address of their own. */
export const hasClusterAddress = (spec: ServiceSpec): boolean => spec.type !== 'ExternalName';
const isOnNodes = (spec: ServiceSpec): boolean => NODE_PORT_TYPES.has(spec.type ?? '');
const isBalanced = (spec: ServiceSpec): boolean => spec.type === 'LoadBalancer';

/**
 * After a change of type, what only the old type has and the writer merely kept is dropped; what was written anew is left for
 * the rules to refuse. Source: service strategy dropTypeDependentFields.
 */
export function withoutFieldsOfOldType(spec: ServiceSpec, before: ServiceSpec | undefined): ServiceSpec {
  if (before === undefined || spec.type === before.type) return spec;
  const after: { -readonly [Field in keyof ServiceSpec]: ServiceSpec[Field] } = { ...spec };
  const drop = (field: keyof ServiceSpec): void => {
    if (JSON.stringify(after[field]) === JSON.stringify(before[field])) delete after[field];
  };
  if (hasClusterAddress(before) && !hasClusterAddress(spec)) {
    for (const field of [
      'clusterIP',
      'clusterIPs',
      'ipFamilies',
      'ipFamilyPolicy',
      'internalTrafficPolicy',
    ] as const) {
      drop(field);
    }
  }
  if (isOnNodes(before) && !isOnNodes(spec)) {
    drop('externalTrafficPolicy');
    after.ports = spec.ports?.map((port) => {
      const { nodePort, ...rest } = port;
      return before.ports?.some((old) => old.nodePort === nodePort) ? rest : port;
    });
  }
  if (isBalanced(before) && !isBalanced(spec)) {
    for (const field of [
      'allocateLoadBalancerNodePorts',
      'loadBalancerClass',
      'healthCheckNodePort',
    ] as const) {
      drop(field);
    }
  }
  return after;
}
