import { isIPv4 } from 'node:net';
import { limits } from '../base/limits.ts';
import type { EndpointSlice, Service, ServicePort } from '../schema/types.gen.ts';
import { addressesIn, isOwn } from './own-address.ts';
import type { Backend, ProxyListener, ProxyTable } from './proxy/proxy-table.ts';

/** Tells which Service a slice belongs to. Source: discovery/v1. */
const SERVICE_NAME = 'kubernetes.io/service-name';
/** Source: core/v1 defaults. */
const AFFINITY_SECONDS = 10_800;
/** Its endpoint is the API itself, which may listen for this machine only. */
const API_SERVICE = 'default/kubernetes';

/**
 * Where Services listen and what stands behind them. Pure; sorted, so that equal input gives equal tables.
 * Slices carry the ports where pods really listen. Only ready endpoints count; when there are none, those that are on their way out
 * and still serve (as kube-proxy does). Headless, external and address-less Services have no listeners. What is reached here is reached
 * as the machine itself, so nothing leads to what listens for the machine only, whatever is written in slices and in the status of pods.
 */
export function addressTable(input: {
  readonly services: Iterable<Service>;
  readonly slices: Iterable<EndpointSlice>;
  /** Where pods have their addresses, `127.97.0.0/16`. */
  readonly podRange: string;
}): ProxyTable {
  const slicesOf = groupSlices(input.slices);
  const isPod = addressesIn(input.podRange);
  const listeners = [...input.services]
    .flatMap((service) => {
      const mayLeadTo = keyOf(service) === API_SERVICE ? () => true : (at: string) => isPod(at) || !isOwn(at);
      return listenersOf(service, slicesOf.get(keyOf(service)) ?? [], mayLeadTo);
    })
    .sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  return withoutLoops(firstOfEach(listeners));
}

/** `TCP 127.96.0.10:80`. */
export function placeOf(listener: Pick<ProxyListener, 'protocol' | 'address' | 'port'>): string {
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
  slices: readonly EndpointSlice[],
  mayLeadTo: (address: string) => boolean,
): readonly ProxyListener[] {
  const { clusterIP = '', type = 'ClusterIP', ports = [] } = service.spec;
  if (type === 'ExternalName' || !isIPv4(clusterIP) || service.metadata.deletionTimestamp !== undefined)
    return [];
  return ports.flatMap((port) => {
    const protocol = port.protocol ?? 'TCP';
    if (protocol !== 'TCP' && protocol !== 'UDP') return [];
    const common = {
      protocol,
      service: keyOf(service),
      backends: backendsOf(port, slices).filter(({ address }) => mayLeadTo(address)),
      ...affinityOf(service),
    } as const;
    const onNode = type !== 'ClusterIP' && port.nodePort !== undefined && port.nodePort !== 0;
    return [
      { ...common, address: clusterIP, port: port.port },
      ...(onNode ? [{ ...common, address: '0.0.0.0', port: port.nodePort ?? 0 }] : []),
    ];
  });
}

function affinityOf({ spec }: Service): { readonly affinitySeconds: number | null } {
  if (spec.sessionAffinity !== 'ClientIP') return { affinitySeconds: null };
  return { affinitySeconds: spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_SECONDS };
}

function backendsOf(servicePort: ServicePort, slices: readonly EndpointSlice[]): readonly Backend[] {
  const ready = new Map<string, Backend>();
  const leaving = new Map<string, Backend>();
  for (const slice of slices) {
    const ports = (slice.ports ?? []).filter(
      ({ name = '', protocol = 'TCP' }) =>
        name === (servicePort.name ?? '') && protocol === (servicePort.protocol ?? 'TCP'),
    );
    for (const { addresses, conditions = {} } of slice.endpoints ?? []) {
      // What is not said counts as ready. Source: discovery/v1 EndpointConditions.
      const isReady = conditions.ready ?? true;
      const isLeaving = conditions.terminating === true && (conditions.serving ?? isReady);
      const into = isReady ? ready : isLeaving ? leaving : null;
      for (const address of addresses) {
        for (const { port } of ports) {
          if (port !== undefined && isIPv4(address)) into?.set(`${address}:${port}`, { address, port });
        }
      }
    }
  }
  const chosen = ready.size > 0 ? ready : leaving;
  return [...chosen.keys()]
    .sort()
    .slice(0, limits.proxyBackendsMax)
    .flatMap((key) => chosen.get(key) ?? []);
}

/** Two Services cannot have one place; should they all the same, the first by name has it. */
function firstOfEach(listeners: readonly ProxyListener[]): readonly ProxyListener[] {
  const seen = new Map<string, ProxyListener>();
  for (const listener of listeners) {
    const before = seen.get(placeOf(listener));
    if (before === undefined || listener.service < before.service) seen.set(placeOf(listener), listener);
  }
  return [...seen.values()].slice(0, limits.proxyListenersMax);
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
