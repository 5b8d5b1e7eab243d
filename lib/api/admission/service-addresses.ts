import type { KubeObject } from '../../schema/object.ts';
import type { Kind } from '../../schema/schema.ts';
import type { Service, ServicePort } from '../../schema/types.gen.ts';
import type { ApiCause } from '../api-error.ts';
import { invalid } from '../api-failures.ts';
import type { Admission, WriteContext } from '../write-context.ts';
import { formatIpv4, parseIpv4, parseRange } from './address-range.ts';

/** A claim is a key in the store, written in the same commit as the Service: two Services can never hold one address. */
const addressClaim = (address: string): string => `cluster-ip/${address}`;
const portClaim = (protocol: string, port: number): string => `node-port/${protocol}/${port}`;
const claimantOf = (object: KubeObject): string => `${object.metadata.namespace}/${object.metadata.name}`;
const isService = (kind: Kind): boolean => kind.group === '' && kind.kind === 'Service';

type Spec = NonNullable<Service['spec']>;

/** Gives a Service its cluster address and node ports, and takes back those it no longer has. */
export function admitServiceAddresses(context: WriteContext, admission: Admission): KubeObject {
  const { kind, object, previous } = admission;
  if (!isService(kind)) return object;
  const service = object as Service;
  const before = previous === undefined ? undefined : (previous as Service);
  const claimant = claimantOf(object);
  const allocate = { context, kind, object, claimant };
  const addressed = withAddress(allocate, service.spec ?? {}, before?.spec);
  const spec = withNodePorts(allocate, addressed, before?.spec);
  releaseUnused(context, claimant, { before: before?.spec ?? {}, after: spec });
  return { ...object, spec };
}

/** A Service that is gone holds nothing. */
export function releaseClaims(context: WriteContext, kind: Kind, object: KubeObject): void {
  if (!isService(kind)) return;
  releaseUnused(context, claimantOf(object), { before: (object as Service).spec ?? {}, after: {} });
}

function releaseUnused(
  context: WriteContext,
  claimant: string,
  spec: { readonly before: Spec; readonly after: Spec },
): void {
  const kept = new Set(claimsOf(spec.after));
  for (const claim of claimsOf(spec.before)) {
    if (!kept.has(claim) && context.staging.claimant(claim) === claimant) context.staging.release(claim);
  }
}

function claimsOf(spec: Spec): readonly string[] {
  const addresses = hasAddress(spec.clusterIP) ? [addressClaim(spec.clusterIP)] : [];
  const ports = (spec.ports ?? []).flatMap((port) =>
    port.nodePort ? [portClaim(port.protocol ?? 'TCP', port.nodePort)] : [],
  );
  return [...addresses, ...ports];
}

const hasAddress = (clusterIP: string | undefined): clusterIP is string =>
  clusterIP !== undefined && clusterIP !== '' && clusterIP !== 'None';

type Allocate = {
  readonly context: WriteContext;
  readonly kind: Kind;
  readonly object: KubeObject;
  readonly claimant: string;
};

function withAddress(allocate: Allocate, spec: Spec, before: Spec | undefined): Spec {
  const { clusterIP, clusterIPs, ...rest } = spec;
  if (spec.type === 'ExternalName') return rest;
  const wanted =
    clusterIP || clusterIPs?.[0] || (before?.type === 'ExternalName' ? '' : before?.clusterIP) || '';
  if (wanted === 'None') return { ...rest, clusterIP: 'None', clusterIPs: ['None'] };
  const address = wanted === '' ? freeAddress(allocate) : claimedAddress(allocate, wanted);
  allocate.context.staging.claim(addressClaim(address), allocate.claimant);
  return { ...rest, clusterIP: address, clusterIPs: [address] };
}

function claimedAddress(allocate: Allocate, wanted: string): string {
  const { context, claimant } = allocate;
  const range = parseRange(context.settings.serviceRange);
  const address = parseIpv4(wanted);
  if (address === null || address < range.first || address >= range.first + range.count) {
    throw refused(allocate, {
      field: 'spec.clusterIPs',
      message: `Invalid value: ["${wanted}"]: the provided IP is not in the valid range ${context.settings.serviceRange}`,
    });
  }
  const holder = context.staging.claimant(addressClaim(wanted));
  if (holder === undefined || holder === claimant) return wanted;
  throw refused(allocate, {
    field: 'spec.clusterIPs',
    message: `Invalid value: ["${wanted}"]: provided IP is already allocated`,
  });
}

/** The first free address from a random place on, round the range. The first of all is kept for default/kubernetes. */
function freeAddress(allocate: Allocate): string {
  const { context, claimant } = allocate;
  const range = parseRange(context.settings.serviceRange);
  if (claimant === 'default/kubernetes') return formatIpv4(range.first);
  const count = range.count - 1;
  const start = Math.floor(context.random.next() * count);
  for (let step = 0; step < count; step += 1) {
    const address = formatIpv4(range.first + 1 + ((start + step) % count));
    if (context.staging.claimant(addressClaim(address)) === undefined) return address;
  }
  throw refused(allocate, { field: 'spec.clusterIPs', message: 'the service range is full' });
}

function wantsNodePorts(spec: Spec): boolean {
  if (spec.type === 'NodePort') return true;
  return spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false;
}

function withNodePorts(allocate: Allocate, spec: Spec, before: Spec | undefined): Spec {
  if (spec.ports === undefined) return spec;
  if (!wantsNodePorts(spec)) {
    const mayKeep = spec.type === 'LoadBalancer';
    return mayKeep ? spec : { ...spec, ports: spec.ports.map(({ nodePort: _dropped, ...port }) => port) };
  }
  // Given ports are claimed first, so that a free one is never taken from under them.
  const given = spec.ports.map((port) => port.nodePort || keptNodePort(port, before));
  const taken = new Set(given);
  given.forEach((nodePort, index) => {
    if (nodePort) claimNodePort(allocate, { port: spec.ports?.[index], nodePort, index });
  });
  return {
    ...spec,
    ports: spec.ports.map((port, index) => ({
      ...port,
      nodePort: given[index] || freeNodePort(allocate, { port, index, taken }),
    })),
  };
}

/** An update that leaves the node port out keeps the one it had. Source: service patchAllocatedValues. */
function keptNodePort(port: ServicePort, before: Spec | undefined): number | undefined {
  const same = before?.ports?.find(
    (old) => old.port === port.port && (old.protocol ?? 'TCP') === (port.protocol ?? 'TCP'),
  );
  return same?.nodePort;
}

function claimNodePort(
  allocate: Allocate,
  at: { readonly port: ServicePort | undefined; readonly nodePort: number; readonly index: number },
): void {
  const { context, claimant } = allocate;
  const { from, to } = context.settings.nodePortRange;
  const field = `spec.ports[${at.index}].nodePort`;
  if (at.nodePort < from || at.nodePort > to) {
    throw refused(allocate, {
      field,
      message: `Invalid value: ${at.nodePort}: provided port is not in the valid range. The range of valid ports is ${from}-${to}`,
    });
  }
  const claim = portClaim(at.port?.protocol ?? 'TCP', at.nodePort);
  const holder = context.staging.claimant(claim);
  if (holder !== undefined && holder !== claimant) {
    throw refused(allocate, {
      field,
      message: `Invalid value: ${at.nodePort}: provided port is already allocated`,
    });
  }
  context.staging.claim(claim, claimant);
}

function freeNodePort(
  allocate: Allocate,
  at: { readonly port: ServicePort; readonly index: number; readonly taken: Set<number | undefined> },
): number {
  const { context, claimant } = allocate;
  const { from, to } = context.settings.nodePortRange;
  const count = to - from + 1;
  const start = Math.floor(context.random.next() * count);
  for (let step = 0; step < count; step += 1) {
    const nodePort = from + ((start + step) % count);
    const claim = portClaim(at.port.protocol ?? 'TCP', nodePort);
    if (at.taken.has(nodePort) || context.staging.claimant(claim) !== undefined) continue;
    at.taken.add(nodePort);
    context.staging.claim(claim, claimant);
    return nodePort;
  }
  throw refused(allocate, {
    field: `spec.ports[${at.index}].nodePort`,
    message: 'the node port range is full',
  });
}

function refused(allocate: Allocate, cause: Pick<ApiCause, 'field' | 'message'>): ReturnType<typeof invalid> {
  const name = allocate.object.metadata.name;
  return invalid(allocate.kind, name, [{ reason: 'FieldValueInvalid', ...cause }]);
}
