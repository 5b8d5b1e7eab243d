import { formatIpv4 } from '../../../api/admission/address-range.ts';
import { type NetworkPlan, podAddresses } from './network-plan.ts';
import { cableGroup, macOf } from './pod-commands.ts';

/** The table of nftables, of bridges, that holds pods to their own addresses. */
export function guardTableOf({ bridge }: Pick<NetworkPlan, 'bridge'>): string {
  return `${bridge}_guard`;
}

/**
 * Nobody sends what claims to be another pod's, or the machine's: on each cable there is one hardware address and one IP address,
 * which follow from one another. So the rules are the same whichever pods there are: the cable's group says whose it is.
 */
export function guardRules(plan: NetworkPlan): string {
  const table = `bridge ${guardTableOf(plan)}`;
  const { first, last } = podAddresses(plan);
  const addresses = Array.from({ length: last - first + 1 }, (_, at) => formatIpv4(first + at));
  const cables = addresses.map((ip) => `${cableGroup(ip)} . ${macOf(ip)}`).join(', ');
  const own = addresses.map((ip) => `${cableGroup(ip)} . ${macOf(ip)} . ${ip}`).join(', ');
  return `add table ${table}
delete table ${table}
table ${table} {
  set pods {
    type devgroup
    elements = { ${addresses.map(cableGroup).join(', ')} }
  }
  set cables {
    type devgroup . ether_addr
    elements = { ${cables} }
  }
  set own {
    type devgroup . ether_addr . ipv4_addr
    elements = { ${own} }
  }
  chain from_pods {
    type filter hook prerouting priority -350; policy accept;
    meta iifgroup @pods jump guard
  }
  chain guard {
    meta iifgroup . ether saddr != @cables drop
    ether type ip meta iifgroup . ether saddr . ip saddr != @own drop
    ether type arp meta iifgroup . ether saddr . arp saddr ip != @own drop
    ether type { vlan, 8021ad } drop
  }
}
`;
}
