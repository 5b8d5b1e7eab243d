import { isIPv4 } from 'node:net';
import { isObject, type JsonValue } from '../../base/json.ts';

/** How pods with networks of their own hang on this machine, and what is to lead to Services there. */
export type MachineNetwork = {
  /** Everything made for Services has a name that begins with this. */
  readonly bridge: string;
  /** The machine's address for pods. */
  readonly gateway: string;
  readonly podRange: string;
  readonly serviceRange: string;
  /** Where the cluster's names are asked for: an address of the service range. */
  readonly dnsAddress: string;
  /** Of every name of the cluster, `cluster.local`. */
  readonly domain: string;
  /** `proxy`: not by nftables, though it may be there. */
  readonly by: 'nftables' | 'proxy';
};

/**
 * Which of the two carries connections to Services, with the reason where it is not the rules. `keepsFlows`: why datagrams of a client that
 * keeps sending go on to a pod that is no backend any more.
 */
export type Carrier =
  | { readonly by: 'nftables'; readonly keepsFlows?: string }
  | { readonly by: 'proxy'; readonly why: string };

/** Reads it from a message or a file; null when it is not one. Nothing of it can be read as something else by nft or ip. */
export function parseMachineNetwork(value: JsonValue | undefined): MachineNetwork | null {
  if (!isObject(value)) return null;
  const { bridge, gateway, podRange, serviceRange, dnsAddress, domain, by } = value;
  if (typeof bridge !== 'string' || !/^[a-z][a-z0-9]{0,13}$/.test(bridge)) return null;
  if (!isAddress(gateway) || !isAddress(dnsAddress) || !isRange(podRange) || !isRange(serviceRange))
    return null;
  if (typeof domain !== 'string' || !/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(domain)) return null;
  if (by !== 'nftables' && by !== 'proxy') return null;
  return { bridge, gateway, podRange, serviceRange, dnsAddress, domain, by };
}

function isAddress(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && isIPv4(value);
}

function isRange(value: JsonValue | undefined): value is string {
  if (typeof value !== 'string') return false;
  const [address, bits, ...more] = value.split('/');
  return isAddress(address) && /^([89]|[12]\d|3[0-2])$/.test(bits ?? '') && more.length === 0;
}
