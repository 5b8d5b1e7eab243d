import { isObject } from '../base/json.ts';
import { type KubeObject, refOf } from '../schema/object.ts';
import type { Service } from '../schema/types.gen.ts';
import { formatIpv4, parseIpv4, parseRange } from './admission/address-range.ts';
import type { Caller, Client, Operation } from './client.ts';

const caller: Caller = { user: 'system:apiserver', groups: ['system:masters'], fieldManager: 'bootstrap' };
const SERVICE = { group: '', kind: 'Service' } as const;

/** Source: kubeadm, the tenth address of the range. */
const DNS_AT = 9;
const DNS_SERVICE = { namespace: 'kube-system', name: 'kube-dns' } as const;

/** Where the names of the cluster are asked for: `10.96.0.10`. */
export function dnsAddressOf(serviceRange: string): string {
  return formatIpv4(parseRange(serviceRange).first + DNS_AT);
}

/**
 * Gives Services other addresses whose own are not of the range: it is another one than before, where a data directory changes its
 * runtime or its machine. Their identity, node ports and endpoints stay. `withNames`: kube-system/kube-dns has the tenth, and whoever
 * had that has another. All or nothing, before anything has been told of an address.
 */
export async function renumberServices(
  client: Client,
  { serviceRange, withNames }: { readonly serviceRange: string; readonly withNames: boolean },
): Promise<void> {
  const { first, count } = parseRange(serviceRange);
  const dnsAddress = dnsAddressOf(serviceRange);
  const { items } = await client.list<Service>(SERVICE, {}, caller);
  const isDns = ({ metadata }: Service): boolean =>
    metadata.namespace === DNS_SERVICE.namespace && metadata.name === DNS_SERVICE.name;
  const moved = items.filter((service) => {
    const { clusterIP = '', type } = service.spec;
    const address = parseIpv4(clusterIP);
    if (type === 'ExternalName' || address === null) return false;
    if (withNames && (clusterIP === dnsAddress) !== isDns(service)) return true;
    return address < first || address >= first + count;
  });
  const gone = withNames ? [] : items.filter(isDns);
  const [old] = withNames ? items.filter(isDns) : [];
  const operations: Operation[] = [
    ...gone.map((service) => ({ op: 'delete', ref: refOf(service) }) as const),
    // Nobody holds an address before each has its new one.
    ...moved
      .filter((one) => !gone.includes(one))
      .map((one) => ({ op: 'update', object: unaddressed(one) }) as const),
    ...(withNames && old === undefined ? [{ op: 'create', object: dnsService(dnsAddress) } as const] : []),
    ...moved
      .filter((one) => !gone.includes(one))
      .sort((one) => (isDns(one) ? -1 : 1))
      .map((one) => ({ op: 'update', object: addressed(one, isDns(one) ? dnsAddress : null) }) as const),
  ];
  if (operations.length > 0) await client.transact(operations, caller);
}

/** An external name has no address. */
function unaddressed(service: Service): KubeObject {
  const { clusterIP: _ip, clusterIPs: _ips, ...spec } = service.spec;
  return versionless({
    ...service,
    spec: { ...spec, type: 'ExternalName', externalName: 'moved.invalid' },
  });
}

function addressed(service: Service, address: string | null): KubeObject {
  const { clusterIP: _ip, clusterIPs: _ips, ...spec } = service.spec;
  return versionless({ ...service, spec: { ...spec, ...(address !== null && { clusterIP: address }) } });
}

/** The second of two updates of one transaction has no version to name yet. */
function versionless(service: Service): KubeObject {
  const { resourceVersion: _version, ...metadata } = service.metadata;
  return { ...service, metadata, spec: isObject(service.spec) ? service.spec : {} };
}

function dnsService(address: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...DNS_SERVICE, labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/name': 'Pintle' } },
    spec: {
      clusterIP: address,
      ports: [
        { name: 'dns', protocol: 'UDP', port: 53 },
        { name: 'dns-tcp', protocol: 'TCP', port: 53 },
      ],
    },
  };
}
