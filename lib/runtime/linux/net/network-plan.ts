import { formatIpv4, parseIpv4 } from '../../../api/admission/address-range.ts';
import { WorldError } from '../../../base/errors.ts';
import { limits } from '../../../base/limits.ts';

/** What one data directory has of the machine's network. Kept as long as the directory. */
export type NetworkPlan = {
  /** The bridge, `pintle0`: also the name that everything else of it begins with. */
  readonly bridge: string;
  /** Where pods have their addresses, `10.244.0.0/24`. */
  readonly podRange: string;
  /** The bridge's own address: the pods' gateway, and where the machine's API and name server listen for them. */
  readonly gateway: string;
  /** Where Services have theirs, `10.96.0.0/16`. */
  readonly serviceRange: string;
};

/** What the machine has already. */
export type HostNetwork = {
  readonly links: readonly string[];
  /** Ranges it has a route or an address for, the default route apart: `192.0.2.0/24`, `10.0.0.7`. */
  readonly ranges: readonly string[];
};

/** Ranges by their number; those of a family that the machine's network overlaps make way for the next. Sources: kubeadm and kubespray's habit; RFC 1918; RFC 2544 (for benchmarks: no network has it). */
const FAMILIES: readonly {
  readonly pods: (at: number) => string;
  readonly services: (at: number) => string;
}[] = [
  { pods: (at) => `10.244.${at}.0/24`, services: (at) => `10.${96 + at}.0.0/16` },
  { pods: (at) => `172.28.${at}.0/24`, services: (at) => `172.29.${at * 16}.0/20` },
  { pods: (at) => `198.18.${at}.0/24`, services: (at) => `198.19.${at * 16}.0/20` },
];

/**
 * Bridges and ranges for a data directory that has none yet, the best first: a bridge's number is that of its ranges, so that whoever
 * makes the bridge has the ranges too, however many begin at once. None: every one of them is taken.
 */
export function networkPlans(host: HostNetwork): readonly NetworkPlan[] {
  const plans: NetworkPlan[] = [];
  for (const family of FAMILIES)
    for (let at = 0; at < limits.bridgesMax; at += 1) {
      const bridge = `pintle${at}`;
      const [podRange, serviceRange] = [family.pods(at), family.services(at)];
      if (host.links.includes(bridge)) continue;
      if (overlapping(host.ranges, [podRange, serviceRange]) === null)
        plans.push({ bridge, podRange, serviceRange, gateway: formatIpv4(spanOf(podRange).first + 1) });
    }
  return plans;
}

/** The machine's range that one of ours overlaps; null when none does. */
export function overlapping(host: readonly string[], ours: readonly string[]): string | null {
  const spans = ours.map(spanOf);
  return (
    host.find((range) => {
      const { first, last } = spanOf(range);
      return spans.some((own) => first <= own.last && own.first <= last);
    }) ?? null
  );
}

/** Addresses a pod can have: all but the network's own, the gateway's and the last. */
export function podAddresses({ podRange }: Pick<NetworkPlan, 'podRange'>): {
  readonly first: number;
  readonly last: number;
} {
  const { first, last } = spanOf(podRange);
  return { first: first + 2, last: last - 1 };
}

function spanOf(range: string): { readonly first: number; readonly last: number } {
  const [text = '', bits = '32'] = range.split('/');
  const address = parseIpv4(text);
  const width = Number(bits);
  if (address === null || !(width >= 0 && width <= 32))
    throw new WorldError('RANGE_UNREADABLE', `${range} is no IPv4 range`, { range });
  const size = 2 ** (32 - width);
  const first = address - (address % size);
  return { first, last: first + size - 1 };
}
