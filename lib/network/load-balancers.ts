import type { LoadBalancerStatus, Service } from '../schema/types.gen.ts';

/** A Service whose status is to say other addresses than it does. */
export type IngressChange = { readonly service: Service; readonly loadBalancer: LoadBalancerStatus };

/**
 * Gives Services of type LoadBalancer the machine's address, where no other has one of their ports there: the older has it, then the
 * first by name. Those of a class belong to somebody else. Pure.
 */
export function decideIngress(services: Iterable<Service>, address: string): readonly IngressChange[] {
  const taken = new Set<string>();
  const changes: IngressChange[] = [];
  for (const service of [...services].sort(byAge)) {
    const { spec, status, metadata } = service;
    if (spec.loadBalancerClass !== undefined || metadata.deletionTimestamp !== undefined) continue;
    const before = status?.loadBalancer?.ingress ?? [];
    const wants = spec.type === 'LoadBalancer' && spec.clusterIP !== undefined && spec.clusterIP !== '';
    const places = (spec.ports ?? []).map(({ protocol = 'TCP', port }) => `${protocol} ${port}`);
    const has = wants && !places.some((place) => taken.has(place));
    if (has) for (const place of places) taken.add(place);
    // Whoever is no load balancer has no such status, unless it was one.
    const ingress = has ? [{ ip: address, ipMode: 'VIP' }] : [];
    const same = before.length === ingress.length && before.every(({ ip }) => ip === address);
    if (!same) changes.push({ service, loadBalancer: ingress.length === 0 ? {} : { ingress } });
  }
  return changes;
}

function byAge(a: Service, b: Service): number {
  const [one, other] = [a, b].map(
    ({ metadata }) => `${metadata.creationTimestamp ?? ''} ${metadata.namespace ?? ''}/${metadata.name}`,
  );
  return (one ?? '') < (other ?? '') ? -1 : 1;
}
