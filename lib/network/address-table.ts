import { isIPv4 } from 'node:net';
import { limits } from '../base/limits.ts';
import type { Endpoint, EndpointSlice, Pod, Service } from '../schema/types.gen.ts';
import { hostPortPlaces } from './host-port-places.ts';
import { addressesIn, isOwn } from './own-address.ts';
import type { ListenFailure, ProxyListener, ProxyTable } from './proxy/proxy-table.ts';
import { serviceBackends } from './service-backends.ts';

/** Tells which Service a slice belongs to. Source: discovery/v1. */
const SERVICE_NAME = 'kubernetes.io/service-name';
/** Source: core/v1 defaults. */
const AFFINITY_SECONDS = 10_800;
/** Its endpoint is the API itself, which may listen for this machine only. */
const API_SERVICE = 'default/kubernetes';

/**
 * Where Services listen and what stands behind them. Pure; sorted, so that equal input gives equal tables.
 * Slices carry the ports where pods really listen. Headless, external and address-less Services have no listeners. What is reached here
 * is reached as the machine itself, so nothing leads to what listens for the machine only, whatever is written in slices and in the
 * status of pods. A policy Local leaves only what is on this machine, and keeps the client's address.
 */
export function addressTable(input: {
  readonly services: Iterable<Service>;
  readonly slices: Iterable<EndpointSlice>;
  /** Where pods have their addresses, `127.97.0.0/16`. */
  readonly podRange: string;
  /** Pods with addresses of their own: their host ports lead to them, and Services have the machine's addresses too. Unset: neither. */
  readonly pods?: Iterable<Pod> | undefined;
}): ProxyTable {
  const slicesOf = groupSlices(input.slices);
  const isPod = addressesIn(input.podRange);
  const notOwn = (at: string): boolean => isPod(at) || !isOwn(at);
  const listeners = [...input.services].flatMap((service) => {
    const mayLeadTo = keyOf(service) === API_SERVICE ? () => true : notOwn;
    return listenersOf(service, {
      slices: slicesOf.get(keyOf(service)) ?? [],
      mayLeadTo,
      outside: input.pods !== undefined,
    });
  });
  const hostPorts = [...(input.pods ?? [])].flatMap((pod) => hostPortPlaces(pod, isPod));
  const sorted = [...listeners, ...hostPorts].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  return withoutLoops(firstOfEach(sorted));
}

/** `TCP 127.96.0.10:80`. */
export function placeOf(listener: Pick<ListenFailure, 'protocol' | 'address' | 'port'>): string {
  return `${listener.protocol} ${listener.address}:${listener.port}`;
}

function keyOf({ metadata }: Service): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function groupSlices(slices: Iterable<EndpointSlice>): ReadonlyMap<string, readonly EndpointSlice[]> {
  const groups = new Map<string, EndpointSlice[]>();
  for (const slice of slices) {
    const name = slice.metadata.labels?.[SERVICE_NAME];
    if (name === undefined || slice.addressType !== 'IPv4') continue;
    const key = `${slice.metadata.namespace ?? ''}/${name}`;
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(slice);
  }
  return groups;
}

function listenersOf(
  service: Service,
  given: {
    readonly slices: readonly EndpointSlice[];
    readonly mayLeadTo: (address: string) => boolean;
    /** Has addresses of the machine, and of others. */
    readonly outside: boolean;
  },
): readonly ProxyListener[] {
  const { spec, status, metadata } = service;
  const { clusterIP = '', type = 'ClusterIP', ports = [] } = spec;
  if (type === 'ExternalName' || !isIPv4(clusterIP) || metadata.deletionTimestamp !== undefined) return [];
  const isHere = ({ nodeName }: Endpoint): boolean => nodeName !== undefined;
  const staysInside = spec.internalTrafficPolicy === 'Local';
  const staysOutside = spec.externalTrafficPolicy === 'Local';
  const ingress = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
  const sources = (spec.loadBalancerSourceRanges ?? []).map((range) => range.trim());
  const outside = given.outside ? [...(spec.externalIPs ?? []), ...ingress].filter((at) => isIPv4(at)) : [];
  return ports.flatMap((port) => {
    const protocol = port.protocol ?? 'TCP';
    if (protocol !== 'TCP' && protocol !== 'UDP') return [];
    const common = { protocol, service: keyOf(service), ...affinityOf(service) } as const;
    const backendsOf = (local: boolean) =>
      serviceBackends({ ...given, port, counts: local ? isHere : () => true });
    const external = {
      ...common,
      backends: backendsOf(staysOutside),
      ...(staysOutside && { keepsSource: true }),
    };
    const onNode = type !== 'ClusterIP' && port.nodePort !== undefined && port.nodePort !== 0;
    return [
      { ...common, backends: backendsOf(staysInside), address: clusterIP, port: port.port },
      ...(onNode ? [{ ...external, address: '0.0.0.0', port: port.nodePort ?? 0 }] : []),
      ...[...new Set(outside)].map((address) => ({
        ...external,
        ...(ingress.includes(address) && sources.length > 0 && { sources }),
        address,
        port: port.port,
      })),
    ];
  });
}

function affinityOf({ spec }: Service): { readonly affinitySeconds: number | null } {
  if (spec.sessionAffinity !== 'ClientIP') return { affinitySeconds: null };
  return { affinitySeconds: spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_SECONDS };
}

/** Two Services cannot have one place; should they all the same, the first by name has it. */
function firstOfEach(listeners: readonly ProxyListener[]): readonly ProxyListener[] {
  const seen = new Map<string, ProxyListener>();
  for (const listener of listeners) {
    const before = seen.get(placeOf(listener));
    if (before === undefined || ownerOf(listener) < ownerOf(before)) seen.set(placeOf(listener), listener);
  }
  return [...seen.values()].slice(0, limits.proxyListenersMax);
}

function ownerOf({ service, pod = '' }: ProxyListener): string {
  return `${service} ${pod}`;
}

/** A Service whose endpoint is a Service would be forwarded in circles. */
function withoutLoops(listeners: readonly ProxyListener[]): ProxyTable {
  const places = new Set(listeners.map(placeOf));
  return listeners.map((listener) => ({
    ...listener,
    backends: listener.backends.filter(
      (backend) => !places.has(placeOf({ ...backend, protocol: listener.protocol })),
    ),
  }));
}
