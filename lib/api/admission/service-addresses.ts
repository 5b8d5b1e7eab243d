import type { KubeObject } from '../../schema/object.ts';
import type { Kind } from '../../schema/schema.ts';
import type { Service, ServiceSpec } from '../../schema/types.gen.ts';
import type { Admission, WriteContext } from '../write-context.ts';
import { formatIpv4, parseIpv4, parseRange } from './address-range.ts';
import { withNodePorts } from './node-ports.ts';
import { type Allocation, addressClaim, portClaim, refused } from './service-allocation.ts';
import { hasClusterAddress, withoutFieldsOfOldType } from './service-type-change.ts';

const claimantOf = (object: KubeObject): string => `${object.metadata.namespace}/${object.metadata.name}`;
const isService = (kind: Kind): boolean => kind.group === '' && kind.kind === 'Service';

/** Gives a Service its cluster address and node ports, and takes back those it no longer has. */
export function admitServiceAddresses(context: WriteContext, admission: Admission): KubeObject {
  const { kind, object, previous } = admission;
  if (!isService(kind)) return object;
  const service = object as Service;
  const before = previous === undefined ? undefined : (previous as Service);
  const claimant = claimantOf(object);
  const allocation = { context, kind, object, claimant };
  const addressed = withAddress(
    allocation,
    withoutFieldsOfOldType(service.spec ?? {}, before?.spec),
    before?.spec,
  );
  const spec = withNodePorts(allocation, addressed, before?.spec);
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
  spec: { readonly before: ServiceSpec; readonly after: ServiceSpec },
): void {
  const kept = new Set(claimsOf(spec.after));
  for (const claim of claimsOf(spec.before)) {
    if (!kept.has(claim) && context.staging.claimant(claim) === claimant) context.staging.release(claim);
  }
}

function claimsOf(spec: ServiceSpec): readonly string[] {
  const addresses = hasAddress(spec.clusterIP) ? [addressClaim(spec.clusterIP)] : [];
  const ports = (spec.ports ?? []).flatMap((port) =>
    port.nodePort ? [portClaim(port.protocol, port.nodePort)] : [],
  );
  return [...addresses, ...ports];
}

const hasAddress = (clusterIP: string | undefined): clusterIP is string =>
  clusterIP !== undefined && clusterIP !== '' && clusterIP !== 'None';

function withAddress(
  allocation: Allocation,
  spec: ServiceSpec,
  before: ServiceSpec | undefined,
): ServiceSpec {
  if (!hasClusterAddress(spec)) return spec;
  const { clusterIP, clusterIPs, ...given } = spec;
  const rest = { ...given, ...oneFamily(given) };
  const wanted =
    clusterIP || clusterIPs?.[0] || (before?.type === 'ExternalName' ? '' : before?.clusterIP) || '';
  if (wanted === 'None') return { ...rest, clusterIP: 'None', clusterIPs: ['None'] };
  const address = wanted === '' ? freeAddress(allocation) : claimedAddress(allocation, wanted);
  allocation.context.staging.claim(addressClaim(address), allocation.claimant);
  return { ...rest, clusterIP: address, clusterIPs: [address] };
}

/** There is one family here. What asks for two if there are two is content with it. Source: service REST defaultOnIPFamilies. */
function oneFamily({
  ipFamilies,
  ipFamilyPolicy,
}: ServiceSpec): Pick<ServiceSpec, 'ipFamilies' | 'ipFamilyPolicy'> {
  return {
    ipFamilies: ipFamilies?.length ? ipFamilies : ['IPv4'],
    ipFamilyPolicy: ipFamilyPolicy ?? 'SingleStack',
  };
}

function claimedAddress(allocation: Allocation, wanted: string): string {
  const { context, claimant } = allocation;
  const range = parseRange(context.settings.serviceRange);
  const address = parseIpv4(wanted);
  if (address === null || address < range.first || address >= range.first + range.count) {
    throw refused(allocation, {
      field: 'spec.clusterIPs',
      message: `Invalid value: ["${wanted}"]: the provided IP is not in the valid range ${context.settings.serviceRange}`,
    });
  }
  const holder = context.staging.claimant(addressClaim(wanted));
  if (holder === undefined || holder === claimant) return wanted;
  throw refused(allocation, {
    field: 'spec.clusterIPs',
    message: `Invalid value: ["${wanted}"]: provided IP is already allocated`,
  });
}

/** The first free address from a random place on, round the range. The first of all is kept for default/kubernetes. */
function freeAddress(allocation: Allocation): string {
  const { context, claimant } = allocation;
  const range = parseRange(context.settings.serviceRange);
  if (claimant === 'default/kubernetes') return formatIpv4(range.first);
  const count = range.count - 1;
  const start = Math.floor(context.random.next() * count);
  for (let step = 0; step < count; step += 1) {
    const address = formatIpv4(range.first + 1 + ((start + step) % count));
    if (context.staging.claimant(addressClaim(address)) === undefined) return address;
  }
  throw refused(allocation, { field: 'spec.clusterIPs', message: 'the service range is full' });
}
