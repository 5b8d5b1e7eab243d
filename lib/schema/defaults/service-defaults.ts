import type { Draft } from '../draft.ts';
import type { EndpointSlice, Endpoints, Service } from '../types.gen.ts';

const AFFINITY_SECONDS = 10_800;

/** Source: core/v1 defaults.go SetDefaults_Service. Addresses and node ports are given out by the API, not here. */
export function defaultService({ spec }: Draft<Service>): void {
  if (spec === undefined) return;
  spec.type ??= 'ClusterIP';
  spec.sessionAffinity ??= 'None';
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'ClientIP') {
    spec.sessionAffinityConfig ??= {};
    spec.sessionAffinityConfig.clientIP ??= {};
    spec.sessionAffinityConfig.clientIP.timeoutSeconds ??= AFFINITY_SECONDS;
  }
  for (const port of spec.ports ?? []) {
    port.protocol ??= 'TCP';
    if (port.targetPort === undefined || port.targetPort === 0 || port.targetPort === '')
      port.targetPort = port.port;
  }
  if (spec.type === 'NodePort' || spec.type === 'LoadBalancer') spec.externalTrafficPolicy ??= 'Cluster';
  if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ??= 'Cluster';
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
}

export function defaultEndpoints(endpoints: Draft<Endpoints>): void {
  for (const { ports } of endpoints.subsets ?? []) for (const port of ports ?? []) port.protocol ??= 'TCP';
}

export function defaultEndpointSlice(slice: Draft<EndpointSlice>): void {
  for (const port of slice.ports ?? []) {
    port.name ??= '';
    port.protocol ??= 'TCP';
  }
}
