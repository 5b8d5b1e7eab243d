import { isIPv4 } from 'node:net';
import { limits } from '../../base/limits.ts';
import type { EndpointSlice, Pod, Service, SlicePort } from '../../schema/types.gen.ts';
import {
  isName,
  type NamedEndpoint,
  type NamedPort,
  type NamedService,
  type NameTable,
} from './name-table.ts';

/** Tells which Service a slice belongs to. Source: discovery/v1. */
const SERVICE_NAME = 'kubernetes.io/service-name';

/** The names there are, sorted, so that equal input gives equal tables. Pure. Source: Kubernetes DNS-Based Service Discovery 1.1.0. */
export function namesOf(input: {
  readonly services: Iterable<Service>;
  readonly slices: Iterable<EndpointSlice>;
  readonly pods: Iterable<Pod>;
}): NameTable {
  const slicesOf = new Map<string, EndpointSlice[]>();
  for (const slice of input.slices) {
    const key = `${slice.metadata.namespace ?? ''}/${slice.metadata.labels?.[SERVICE_NAME] ?? ''}`;
    const known = slicesOf.get(key) ?? [];
    slicesOf.set(key, known);
    known.push(slice);
  }
  const services = [...input.services].flatMap((service) => {
    const slices = slicesOf.get(`${service.metadata.namespace ?? ''}/${service.metadata.name}`) ?? [];
    return namedService(service, slices);
  });
  const pods = [...input.pods].flatMap(({ metadata, spec, status }) => {
    const address = status?.podIP ?? '';
    const isOver = status?.phase === 'Succeeded' || status?.phase === 'Failed';
    if (!isIPv4(address) || isOver || spec.hostNetwork === true) return [];
    return [{ namespace: metadata.namespace ?? '', address }];
  });
  const byKey = <T>(key: (one: T) => string, list: readonly T[]): readonly T[] =>
    [...new Map(list.map((one) => [key(one), one])).entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, one]) => one);
  return {
    services: byKey(({ namespace, name }) => `${namespace}/${name}`, services).slice(
      0,
      limits.dnsServicesMax,
    ),
    pods: byKey(({ namespace, address }) => `${namespace}/${address}`, pods).slice(0, limits.dnsPodsMax),
  };
}

function namedService(
  { metadata, spec }: Service,
  slices: readonly EndpointSlice[],
): readonly NamedService[] {
  const { name, namespace = '' } = metadata;
  const { type, clusterIP = '', externalName = '', ports = [] } = spec;
  if (type === 'ExternalName')
    return isName(externalName) ? [{ name, namespace, kind: 'external', target: externalName }] : [];
  if (clusterIP !== 'None')
    return isIPv4(clusterIP)
      ? [{ name, namespace, kind: 'cluster', address: clusterIP, ports: ports.flatMap(namedPort) }]
      : [];
  const endpoints = slices.flatMap(namedEndpoints);
  const once = new Map(endpoints.map((one) => [`${one.address} ${one.hostname}`, one]));
  for (const one of endpoints) {
    const key = `${one.address} ${one.hostname}`;
    const before = once.get(key);
    if (before !== undefined && before !== one)
      once.set(key, { ...one, ports: samePorts([...one.ports, ...before.ports]) });
  }
  const sorted = [...once.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  return [{ name, namespace, kind: 'headless', endpoints: sorted.slice(0, limits.dnsEndpointsMax) }];
}

function namedEndpoints({
  endpoints = [],
  ports = [],
  addressType,
}: EndpointSlice): readonly NamedEndpoint[] {
  if (addressType !== 'IPv4') return [];
  return endpoints.flatMap(({ addresses, conditions, hostname }) => {
    // What is not said counts as ready. Source: discovery/v1 EndpointConditions.
    if (conditions?.ready === false) return [];
    const named = (ports ?? []).flatMap(namedPort);
    return addresses
      .filter((address) => isIPv4(address))
      .map((address) => ({ address, hostname: hostname ?? null, ports: named }));
  });
}

function namedPort({ name = '', protocol = 'TCP', port }: SlicePort): readonly NamedPort[] {
  return name === '' || port === undefined ? [] : [{ name, protocol: protocol.toLowerCase(), port }];
}

function samePorts(ports: readonly NamedPort[]): readonly NamedPort[] {
  const keyOf = ({ name, protocol, port }: NamedPort): string => `${name} ${protocol} ${port}`;
  return [...new Map(ports.map((port) => [keyOf(port), port])).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, port]) => port);
}
