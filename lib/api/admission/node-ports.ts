import type { ServicePort, ServiceSpec } from '../../schema/types.gen.ts';
import { type Allocation, portClaim, refused } from './service-allocation.ts';

function wantsNodePorts(spec: ServiceSpec): boolean {
  if (spec.type === 'NodePort') return true;
  return spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false;
}

/** Every port of a Service that is reached through nodes has one there: the one asked for, the one it had, or a free one. */
export function withNodePorts(
  allocation: Allocation,
  spec: ServiceSpec,
  before: ServiceSpec | undefined,
): ServiceSpec {
  if (spec.ports === undefined || !wantsNodePorts(spec)) return spec;
  // Given ports are claimed first, so that a free one is never taken from under them.
  const given = spec.ports.map((port) => port.nodePort || keptNodePort(port, before));
  const taken = new Set(given);
  given.forEach((nodePort, index) => {
    if (nodePort) claimNodePort(allocation, { port: spec.ports?.[index], nodePort, index });
  });
  return {
    ...spec,
    ports: spec.ports.map((port, index) => ({
      ...port,
      nodePort: given[index] || freeNodePort(allocation, { port, index, taken }),
    })),
  };
}

/** An update that leaves the node port out keeps the one it had. Source: service patchAllocatedValues. */
function keptNodePort(port: ServicePort, before: ServiceSpec | undefined): number | undefined {
  const same = before?.ports?.find(
    (old) => old.port === port.port && (old.protocol ?? 'TCP') === (port.protocol ?? 'TCP'),
  );
  return same?.nodePort;
}

function claimNodePort(
  allocation: Allocation,
  at: { readonly port: ServicePort | undefined; readonly nodePort: number; readonly index: number },
): void {
  const { context, claimant } = allocation;
  const { from, to } = context.settings.nodePortRange;
  const field = `spec.ports[${at.index}].nodePort`;
  if (at.nodePort < from || at.nodePort > to) {
    throw refused(allocation, {
      field,
      message: `Invalid value: ${at.nodePort}: provided port is not in the valid range. The range of valid ports is ${from}-${to}`,
    });
  }
  const claim = portClaim(at.port?.protocol, at.nodePort);
  const holder = context.staging.claimant(claim);
  if (holder !== undefined && holder !== claimant) {
    throw refused(allocation, {
      field,
      message: `Invalid value: ${at.nodePort}: provided port is already allocated`,
    });
  }
  context.staging.claim(claim, claimant);
}

function freeNodePort(
  allocation: Allocation,
  at: { readonly port: ServicePort; readonly index: number; readonly taken: Set<number | undefined> },
): number {
  const { context, claimant } = allocation;
  const { from, to } = context.settings.nodePortRange;
  const count = to - from + 1;
  const start = Math.floor(context.random.next() * count);
  for (let step = 0; step < count; step += 1) {
    const nodePort = from + ((start + step) % count);
    const claim = portClaim(at.port.protocol, nodePort);
    if (at.taken.has(nodePort) || context.staging.claimant(claim) !== undefined) continue;
    at.taken.add(nodePort);
    context.staging.claim(claim, claimant);
    return nodePort;
  }
  throw refused(allocation, {
    field: `spec.ports[${at.index}].nodePort`,
    message: 'the node port range is full',
  });
}
