import { isIPv4 } from 'node:net';
import { limits } from '../base/limits.ts';
import type { Endpoint, EndpointSlice, ServicePort } from '../schema/types.gen.ts';
import type { Backend } from './proxy/proxy-table.ts';

/**
 * What stands behind a port of a Service, sorted. Only ready endpoints count; when there are none, those that are on their way out and
 * still serve. `counts`: which of them do at all. Source: kube-proxy's CategorizeEndpoints (KEP-1669).
 */
export function serviceBackends(input: {
  readonly port: ServicePort;
  readonly slices: readonly EndpointSlice[];
  readonly mayLeadTo: (address: string) => boolean;
  readonly counts: (endpoint: Endpoint) => boolean;
}): readonly Backend[] {
  const { port: servicePort, slices, mayLeadTo, counts } = input;
  const ready = new Map<string, Backend>();
  const leaving = new Map<string, Backend>();
  for (const slice of slices) {
    const ports = (slice.ports ?? []).filter(
      ({ name = '', protocol = 'TCP' }) =>
        name === (servicePort.name ?? '') && protocol === (servicePort.protocol ?? 'TCP'),
    );
    for (const endpoint of (slice.endpoints ?? []).filter(counts)) {
      const { addresses, conditions = {} } = endpoint;
      // What is not said counts as ready. Source: discovery/v1 EndpointConditions.
      const isReady = conditions.ready ?? true;
      const isLeaving = conditions.terminating === true && (conditions.serving ?? isReady);
      const into = isReady ? ready : isLeaving ? leaving : null;
      for (const address of addresses) {
        if (!isIPv4(address) || !mayLeadTo(address)) continue;
        for (const { port } of ports)
          if (port !== undefined) into?.set(`${address}:${port}`, { address, port });
      }
    }
  }
  const chosen = ready.size > 0 ? ready : leaving;
  return [...chosen.keys()]
    .sort()
    .slice(0, limits.proxyBackendsMax)
    .flatMap((key) => chosen.get(key) ?? []);
}
