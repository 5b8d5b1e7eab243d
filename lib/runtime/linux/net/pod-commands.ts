import { parseIpv4 } from '../../../api/admission/address-range.ts';
import type { NetworkPlan } from './network-plan.ts';
import type { PodRecord } from './pod-records.ts';

/** What ip(8) is told to make a pod's network: on the machine, then inside. */
export type PodCommands = { readonly outside: readonly string[]; readonly inside: readonly string[] };

/**
 * A namespace, and a cable from the bridge into it. The pod has one address and knows nobody but its gateway: all it sends passes the
 * machine, so that answers find their way back through the rules of Services, with the sender's own address on them. Hairpin: where
 * bridges pass through the machine's rules (br_netfilter), what a pod sends to itself leaves by the port it came in.
 */
export function podCommands(
  record: PodRecord,
  { plan, mtu }: { readonly plan: NetworkPlan; readonly mtu: number },
): PodCommands {
  const { netns, link, podIP } = record;
  return {
    outside: [
      `netns add ${netns}`,
      `link add name ${link} mtu ${mtu} type veth peer name eth0 mtu ${mtu} netns ${netns} address ${macOf(podIP)}`,
      ...plugCommands(record, plan),
    ],
    inside: [
      'link set dev lo up',
      'link set dev eth0 up',
      `addr add ${podIP}/32 dev eth0`,
      `route add ${plan.gateway} dev eth0 scope link src ${podIP}`,
      `route add default via ${plan.gateway} dev eth0 src ${podIP}`,
    ],
  };
}

/** Puts the host's end of a pod's cable into the bridge. */
export function plugCommands({ link, podIP }: PodRecord, { bridge }: NetworkPlan): readonly string[] {
  return [
    `link set dev ${link} group ${cableGroup(podIP)} master ${bridge} up`,
    `link set dev ${link} type bridge_slave hairpin on`,
  ];
}

/** The group of a pod's cable, by which rules know whose it is: its address as a number, so that no two are the same. */
export function cableGroup(address: string): number {
  return parseIpv4(address) ?? 0;
}

/** By the address: whoever remembers the last pod that had it is not wrong about this one. */
export function macOf(address: string): string {
  const number = parseIpv4(address) ?? 0;
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256);
  return ['0a', '58', ...octets.map((octet) => octet.toString(16).padStart(2, '0'))].join(':');
}
