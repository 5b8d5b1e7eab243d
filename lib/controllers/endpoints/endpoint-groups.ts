import { canonicalJson } from '../../base/json.ts';
import { isPodReady } from '../../schema/pod-conditions.ts';
import type { Endpoint, Pod, Service, SlicePort } from '../../schema/types.gen.ts';
import { podPorts } from './pod-ports.ts';

export type AddressType = 'IPv4' | 'IPv6';

/** Endpoints that serve the same ports at addresses of one type: what fits in one slice. */
export type EndpointGroup = {
  readonly key: string;
  readonly addressType: AddressType;
  readonly ports: readonly SlicePort[];
  /** By pod name. */
  readonly endpoints: readonly Endpoint[];
};

/** The groups of a Service, in a total order. Pods that ended or have no address yet are not endpoints. */
export function endpointGroups(service: Service, pods: readonly Pod[]): readonly EndpointGroup[] {
  const groups = new Map<string, EndpointGroup>();
  for (const pod of pods.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    const endpoint = endpointOf(service, pod);
    if (endpoint === null) continue;
    const ports = podPorts(service, pod);
    const addressType = addressTypeOf(endpoint.addresses[0] ?? '');
    const key = groupKey(addressType, ports);
    const group = groups.get(key) ?? { key, addressType, ports, endpoints: [] };
    groups.set(key, { ...group, endpoints: [...group.endpoints, endpoint] });
  }
  return [...groups.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

export function groupKey(addressType: string, ports: readonly SlicePort[]): string {
  return `${addressType} ${canonicalJson(ports)}`;
}

function addressTypeOf(address: string): AddressType {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

function endpointOf(service: Service, pod: Pod): Endpoint | null {
  const { phase, podIP } = pod.status ?? {};
  if (podIP === undefined || podIP === '' || phase === 'Succeeded' || phase === 'Failed') return null;
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = (service.spec.publishNotReadyAddresses ?? false) || (serving && !terminating);
  const { hostname, subdomain, nodeName } = pod.spec;
  const named = hostname !== undefined && hostname !== '' && subdomain === service.metadata.name;
  return {
    addresses: [podIP],
    conditions: { ready, serving, terminating },
    ...(named && { hostname }),
    ...(nodeName !== undefined && { nodeName }),
    targetRef: {
      kind: 'Pod',
      namespace: pod.metadata.namespace,
      name: pod.metadata.name,
      uid: pod.metadata.uid,
    },
  };
}
