import type { Answer } from 'dns-packet';
import { limits, timings } from '../../base/limits.ts';
import { addressesIn } from '../own-address.ts';
import type { NamedPort, NameTable } from './name-table.ts';

/** What is known of a name; TTL and the name itself come with the answer. */
type Known =
  | { readonly type: 'A' | 'PTR' | 'CNAME' | 'NS'; readonly data: string }
  | { readonly type: 'TXT'; readonly data: string }
  | { readonly type: 'SRV'; readonly data: { readonly target: string; readonly port: number } };

/** A name table, ready to be asked. */
export type NameIndex = {
  readonly domain: string;
  readonly serial: number;
  /** By name, in lower case, without the last dot. What has children only has no records. */
  readonly names: ReadonlyMap<string, readonly Known[]>;
  /** Whether an address is one of the cluster: who has none of its names has none. */
  readonly isOurs: (address: string) => boolean;
};

export type Question = {
  readonly name: string;
  /** `A`, `SRV`; those without a name are `UNKNOWN_…`. */
  readonly type: string;
  /** Of several answers another one comes first each time this counts up. */
  readonly turn: number;
};

/** `forward`: the name is none of the cluster's. `follow`: the answer ends at a name that others must be asked for. */
export type NameAnswer =
  | { readonly kind: 'forward' }
  | {
      readonly kind: 'answer';
      readonly found: boolean;
      readonly answers: readonly Answer[];
      readonly authorities: readonly Answer[];
      readonly additionals: readonly Answer[];
      readonly follow: string | null;
    };

const REVERSE = 'in-addr.arpa';
const ttl = timings.dnsTtlMs / 1000;

/** Every name of the table and what it stands for. Source: Kubernetes DNS-Based Service Discovery, schema 1.1.0. */
export function nameIndex(
  table: NameTable,
  of: {
    readonly domain: string;
    readonly dnsAddress: string;
    readonly ranges: readonly string[];
    readonly serial: number;
  },
): NameIndex {
  const { domain } = of;
  const names = new Map<string, Known[]>();
  const add = (name: string, known: Known): void => {
    const before = names.get(name);
    if (before === undefined) names.set(name, [known]);
    else before.push(known);
  };
  const addPorts = (service: string, target: string, ports: readonly NamedPort[]): void => {
    for (const { name, protocol, port } of ports)
      add(`_${name}._${protocol}.${service}`, { type: 'SRV', data: { target, port } });
  };
  add(`dns-version.${domain}`, { type: 'TXT', data: '1.1.0' });
  add(domain, { type: 'NS', data: `ns.dns.${domain}` });
  add(`ns.dns.${domain}`, { type: 'A', data: of.dnsAddress });
  for (const service of table.services) {
    const name = `${service.name}.${service.namespace}.svc.${domain}`;
    if (service.kind === 'external') add(name, { type: 'CNAME', data: service.target.replace(/\.$/, '') });
    else if (service.kind === 'cluster') {
      add(name, { type: 'A', data: service.address });
      add(reversed(service.address), { type: 'PTR', data: name });
      addPorts(name, name, service.ports);
    } else
      for (const { address, hostname, ports } of service.endpoints) {
        const own = `${hostname ?? dashed(address)}.${name}`;
        add(name, { type: 'A', data: address });
        add(own, { type: 'A', data: address });
        addPorts(name, own, ports);
        if (hostname !== null) add(reversed(address), { type: 'PTR', data: own });
      }
  }
  for (const { namespace, address } of table.pods)
    add(`${dashed(address)}.${namespace}.pod.${domain}`, { type: 'A', data: address });
  for (const name of [...names.keys()]) addParents(names, name, domain);
  const inRange = of.ranges.map(addressesIn);
  return { domain, serial: of.serial, names, isOurs: (address) => inRange.some((is) => is(address)) };
}

/** A name below which others are exists, without records. Source: RFC 8020. */
function addParents(names: Map<string, Known[]>, name: string, domain: string): void {
  for (let at = name.indexOf('.'); at !== -1; at = name.indexOf('.', at + 1)) {
    const parent = name.slice(at + 1);
    if (!isBelow(parent, domain) || names.has(parent)) return;
    names.set(parent, []);
  }
}

/** What the cluster says to a question. Pure. */
export function answerQuery(index: NameIndex, { name: asked, type, turn }: Question): NameAnswer {
  const name = asked.toLowerCase().replace(/\.$/, '');
  const zone = zoneOf(index, name);
  if (zone === null) return { kind: 'forward' };
  const soa = soaOf(index, zone);
  const known = index.names.get(name);
  const nothing = { kind: 'answer', answers: [], authorities: [soa], additionals: [], follow: null } as const;
  if (known === undefined) return { ...nothing, found: false };
  if (type === 'SOA' && name === index.domain)
    return { ...nothing, found: true, answers: [soa], authorities: [] };
  const answers: Answer[] = [];
  let follow: string | null = null;
  let at = asked.replace(/\.$/, '');
  for (let step = 0; step < limits.dnsChainMax; step += 1) {
    const here = index.names.get(at.toLowerCase()) ?? [];
    const wanted = here.filter((one) => one.type === type);
    answers.push(...inTurn(wanted, turn).map((one) => recordOf(at, one)));
    const alias = wanted.length === 0 ? here.find((one) => one.type === 'CNAME') : undefined;
    follow = null;
    if (alias?.type !== 'CNAME') break;
    answers.push(recordOf(at, alias));
    at = alias.data;
    if (zoneOf(index, at.toLowerCase()) === null) {
      follow = at;
      break;
    }
  }
  if (answers.length === 0) return { ...nothing, found: true };
  return {
    ...{ kind: 'answer', found: true, answers, authorities: [], follow },
    additionals: type === 'SRV' ? targetsOf(index, answers) : [],
  };
}

/** The zone of the cluster that a name is in; null: none. */
function zoneOf({ domain, names, isOurs }: NameIndex, name: string): string | null {
  if (isBelow(name, domain)) return domain;
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/.exec(name);
  if (octets === null) return null;
  return names.has(name) || isOurs(octets.slice(1).reverse().join('.')) ? REVERSE : null;
}

/** The addresses of what SRV records name: nobody has to ask again. */
function targetsOf({ names }: NameIndex, answers: readonly Answer[]): readonly Answer[] {
  const targets = new Set(answers.flatMap((answer) => (answer.type === 'SRV' ? answer.data.target : [])));
  return [...targets].flatMap((target) =>
    (names.get(target) ?? []).filter(({ type }) => type === 'A').map((one) => recordOf(target, one)),
  );
}

function recordOf(name: string, known: Known): Answer {
  switch (known.type) {
    case 'SRV':
      return { name, ttl, type: 'SRV', data: { ...known.data, priority: 0, weight: 100 } };
    case 'TXT':
      return { name, ttl, type: 'TXT', data: known.data };
    default:
      return { name, ttl, type: known.type, data: known.data };
  }
}

function soaOf({ domain, serial }: NameIndex, zone: string): Answer {
  return {
    name: zone,
    type: 'SOA',
    ttl,
    data: {
      ...{ mname: `ns.dns.${domain}`, rname: `hostmaster.${domain}`, serial },
      // Nobody transfers the zone; the last is how long a name that is not there may be remembered.
      ...{ refresh: 7_200, retry: 1_800, expire: 86_400, minimum: ttl },
    },
  };
}

function inTurn<T>(list: readonly T[], turn: number): readonly T[] {
  const start = list.length === 0 ? 0 : turn % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}

function isBelow(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}

function dashed(address: string): string {
  return address.replaceAll('.', '-');
}

function reversed(address: string): string {
  return `${address.split('.').reverse().join('.')}.${REVERSE}`;
}
