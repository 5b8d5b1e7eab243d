import type { NetworkPlan } from './network-plan.ts';

/** The table of nftables that holds what pods need to reach the world. */
export function podTableOf({ bridge }: Pick<NetworkPlan, 'bridge'>): string {
  return `${bridge}_pods`;
}

/**
 * The rules of the pods' network as one transaction, whatever was there before. What pods send out of their range goes as the
 * machine's own; nobody sends under an address that is no pod's; and pods are not told of a shorter way past the machine, which would
 * lead round the rules of Services.
 */
export function podRules(plan: NetworkPlan): string {
  const table = `ip ${podTableOf(plan)}`;
  const { bridge, podRange } = plan;
  return `add table ${table}
delete table ${table}
table ${table} {
  chain from_pods {
    type filter hook prerouting priority raw; policy accept;
    iifname "${bridge}" ip saddr != ${podRange} drop
  }
  chain to_the_world {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${podRange} oifname != "${bridge}" masquerade
  }
  chain to_pods {
    type filter hook output priority filter; policy accept;
    oifname "${bridge}" icmp type redirect drop
  }
}
`;
}
