import { addressesIn } from '../own-address.ts';
import type { MachineNetwork } from './machine-network.ts';
import type { Backend, ProxyListener, ProxyTable } from './proxy-table.ts';

/** What leads to Services, in the parts that change one by one. Names and texts are those of nftables. */
export type ServiceRules = {
  /** Sets of clients that keep a backend: name to declaration. */
  readonly sets: ReadonlyMap<string, string>;
  /** Chains: name to rules. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** Where a connection goes: `map key` to the chain. */
  readonly places: ReadonlyMap<string, string>;
  /** Addresses that may stand on both ends of a connection. */
  readonly hairpins: ReadonlySet<string>;
};

/** A bit that no other program of the machine is known to use. kube-proxy has 0x4000 and 0x8000. */
const MASQUERADE = '0x00100000';
const NOT_MASQUERADE = '0xffefffff';

export function serviceTableOf({ bridge }: Pick<MachineNetwork, 'bridge'>): string {
  return `${bridge}_services`;
}

/**
 * The rules for a table. A place of the machine's loopback has none: what goes there never passes them. Pure.
 * Who is no pod comes as the machine itself, so that answers come back through it, unless the Service keeps the client's address.
 */
export function serviceRules(table: ProxyTable, machine: MachineNetwork): ServiceRules {
  const sets = new Map<string, string>();
  const chains = new Map<string, readonly string[]>();
  const places = new Map<string, string>();
  const hairpins = new Set<string>();
  const isLoopback = addressesIn('127.0.0.0/8');
  for (const listener of table) {
    const { address, port, backends, affinitySeconds } = listener;
    if (backends.length === 0 || isLoopback(address)) continue;
    const protocol = listener.protocol === 'TCP' ? 'tcp' : 'udp';
    const name = `${address}_${protocol}_${port}`;
    const chain = `place_${name}`;
    const everywhere = address === '0.0.0.0';
    places.set(
      everywhere ? `node_ports ${protocol} . ${port}` : `services ${address} . ${protocol} . ${port}`,
      chain,
    );
    for (const backend of backends) hairpins.add(backend.address);
    const before = [...sourceRules(listener), ...masqueradeRules(listener, machine)];
    if (affinitySeconds === null) {
      chains.set(chain, [...before, `meta l4proto ${protocol} ${oneOf(backends)}`]);
      continue;
    }
    const kept = backends.map((backend) => {
      const key = `${name}_${backend.address}_${backend.port}`;
      return {
        backend,
        set: `clients_${key}_${affinitySeconds}`,
        chain: `backend_${key}_${affinitySeconds}`,
      };
    });
    for (const { backend, set, chain: own } of kept) {
      sets.set(set, `type ipv4_addr; flags dynamic,timeout; timeout ${affinitySeconds}s; size 65535;`);
      const to = `${backend.address}:${backend.port}`;
      chains.set(own, [`update @${set} { ip saddr }`, `meta l4proto ${protocol} dnat to ${to}`]);
    }
    const turns = kept.map((one, at) => `${at} : goto ${one.chain}`).join(', ');
    chains.set(chain, [
      ...before,
      ...kept.map((one) => `ip saddr @${one.set} goto ${one.chain}`),
      `numgen random mod ${kept.length} vmap { ${turns} }`,
    ]);
  }
  return { sets, chains, places, hairpins };
}

function sourceRules({ sources }: ProxyListener): readonly string[] {
  if (sources === undefined) return [];
  // Written for addresses of another family only: nobody of this one.
  return [sources.length === 0 ? 'drop' : `ip saddr != { ${[...new Set(sources)].sort().join(', ')} } drop`];
}

function masqueradeRules({ keepsSource }: ProxyListener, { podRange }: MachineNetwork): readonly string[] {
  if (keepsSource === true) return [];
  return [`ip saddr != ${podRange} meta mark set meta mark | ${MASQUERADE}`];
}

function oneOf(backends: readonly Backend[]): string {
  const [first, ...more] = backends;
  if (first !== undefined && more.length === 0) return `dnat to ${first.address}:${first.port}`;
  const turns = backends.map(({ address, port }, at) => `${at} : ${address} . ${port}`).join(', ');
  return `dnat ip to numgen random mod ${backends.length} map { ${turns} }`;
}

/**
 * Everything as one transaction, whatever was there. What has no place is refused: over TCP by a reset, of which there may be any
 * number; the kernel sends few of the others to one client.
 */
export function wholeRules(rules: ServiceRules, machine: MachineNetwork): string {
  const table = `ip ${serviceTableOf(machine)}`;
  return `add table ${table}
delete table ${table}
table ${table} {
  map services { type ipv4_addr . inet_proto . inet_service : verdict; }
  map node_ports { type inet_proto . inet_service : verdict; }
  set hairpins { type ipv4_addr . ipv4_addr; }
  chain places {
    ip daddr . meta l4proto . th dport vmap @services
    ip daddr != 127.0.0.0/8 fib daddr type local meta l4proto . th dport vmap @node_ports
  }
  chain from_outside {
    type nat hook prerouting priority dstnat; policy accept;
    jump places
  }
  chain from_here {
    type nat hook output priority -100; policy accept;
    jump places
  }
  chain leaving {
    type nat hook postrouting priority srcnat; policy accept;
    ct status dnat ip saddr . ip daddr @hairpins masquerade
    meta mark & ${MASQUERADE} != 0 meta mark set meta mark & ${NOT_MASQUERADE} masquerade
  }
  chain refused_passing {
    type filter hook forward priority filter; policy accept;
    ip daddr ${machine.serviceRange} meta l4proto tcp reject with tcp reset
    ip daddr ${machine.serviceRange} reject with icmp type port-unreachable
  }
  chain refused_here {
    type filter hook output priority filter; policy accept;
    ip daddr ${machine.serviceRange} meta l4proto tcp reject with tcp reset
    ip daddr ${machine.serviceRange} reject with icmp type port-unreachable
  }
}
${changedRules(NO_RULES, rules, machine)}`;
}

const NO_RULES: ServiceRules = {
  sets: new Map(),
  chains: new Map(),
  places: new Map(),
  hairpins: new Set(),
};

/** What makes the one the other, as one transaction; '' when they are equal. Clients keep their backends, connections go on. */
export function changedRules(before: ServiceRules, after: ServiceRules, machine: MachineNetwork): string {
  const table = `ip ${serviceTableOf(machine)}`;
  const lines: string[] = [];
  const goneChains = [...before.chains.keys()].filter((name) => !after.chains.has(name));
  const newChains = [...after.chains.keys()].filter((name) => !before.chains.has(name));
  const otherChains = [...after.chains].filter(
    ([name, rules]) => before.chains.get(name)?.join('\n') !== rules.join('\n'),
  );
  for (const [place, chain] of before.places)
    if (after.places.get(place) !== chain) lines.push(`delete element ${table} ${elementOf(place)}`);
  // Emptied first: nothing then points at what goes.
  for (const name of goneChains) lines.push(`flush chain ${table} ${name}`);
  for (const [name] of otherChains) if (before.chains.has(name)) lines.push(`flush chain ${table} ${name}`);
  for (const [name, declaration] of after.sets)
    if (!before.sets.has(name)) lines.push(`add set ${table} ${name} { ${declaration} }`);
  for (const name of newChains) lines.push(`add chain ${table} ${name}`);
  for (const [name, rules] of otherChains)
    for (const rule of rules) lines.push(`add rule ${table} ${name} ${rule}`);
  for (const [place, chain] of after.places)
    if (before.places.get(place) !== chain)
      lines.push(`add element ${table} ${elementOf(place, `goto ${chain}`)}`);
  for (const address of after.hairpins)
    if (!before.hairpins.has(address))
      lines.push(`add element ${table} hairpins { ${address} . ${address} }`);
  for (const address of before.hairpins)
    if (!after.hairpins.has(address))
      lines.push(`delete element ${table} hairpins { ${address} . ${address} }`);
  for (const name of goneChains) lines.push(`delete chain ${table} ${name}`);
  for (const name of before.sets.keys()) if (!after.sets.has(name)) lines.push(`delete set ${table} ${name}`);
  return lines.map((line) => `${line}\n`).join('');
}

/** `services 10.96.0.1 . tcp . 443` as an element of its map. */
function elementOf(place: string, verdict?: string): string {
  const space = place.indexOf(' ');
  const key = place.slice(space + 1);
  return `${place.slice(0, space)} { ${verdict === undefined ? key : `${key} : ${verdict}`} }`;
}
