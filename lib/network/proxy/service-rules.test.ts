import test from 'ava';
import fc from 'fast-check';
import type { MachineNetwork } from './machine-network.ts';
import type { ProxyListener } from './proxy-table.ts';
import { changedRules, serviceRules, wholeRules } from './service-rules.ts';

const machine: MachineNetwork = {
  bridge: 'pintle0',
  gateway: '10.244.0.1',
  podRange: '10.244.0.0/24',
  serviceRange: '10.96.0.0/16',
  dnsAddress: '10.96.0.10',
  domain: 'cluster.local',
  by: 'nftables',
};

const listener = (more: Partial<ProxyListener> = {}): ProxyListener => ({
  protocol: 'TCP',
  address: '10.96.0.20',
  port: 80,
  service: 'shop/web',
  backends: [
    { address: '10.244.0.2', port: 8080 },
    { address: '10.244.0.3', port: 8081 },
  ],
  affinitySeconds: null,
  ...more,
});
const one = [{ address: '10.244.0.2', port: 8080 }];
const masquerade = 'ip saddr != 10.244.0.0/24 meta mark set meta mark | 0x00100000';

const cases: readonly {
  readonly title: string;
  readonly listener: ProxyListener;
  readonly place: string | null;
  readonly rules: readonly string[];
}[] = [
  {
    title: 'a cluster address leads to one of its backends by chance',
    listener: listener(),
    place: 'services 10.96.0.20 . tcp . 80',
    rules: [
      masquerade,
      'meta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 10.244.0.2 . 8080, 1 : 10.244.0.3 . 8081 }',
    ],
  },
  {
    title: 'or to its only one',
    listener: listener({ backends: one, protocol: 'UDP' }),
    place: 'services 10.96.0.20 . udp . 80',
    rules: [masquerade, 'meta l4proto udp dnat to 10.244.0.2:8080'],
  },
  {
    title: 'a node port is one of every address of the machine',
    listener: listener({ backends: one, address: '0.0.0.0', port: 30_080 }),
    place: 'node_ports tcp . 30080',
    rules: [masquerade, 'meta l4proto tcp dnat to 10.244.0.2:8080'],
  },
  {
    title: 'the client keeps its address where the policy says so',
    listener: listener({ backends: one, keepsSource: true }),
    place: 'services 10.96.0.20 . tcp . 80',
    rules: ['meta l4proto tcp dnat to 10.244.0.2:8080'],
  },
  {
    title: 'only those who may connect do',
    listener: listener({ backends: one, keepsSource: true, sources: ['198.51.100.0/24', '192.0.2.7'] }),
    place: 'services 10.96.0.20 . tcp . 80',
    rules: ['ip saddr != { 192.0.2.7, 198.51.100.0/24 } drop', 'meta l4proto tcp dnat to 10.244.0.2:8080'],
  },
  {
    title: 'nobody, when those who may have other addresses than any here',
    listener: listener({ backends: one, keepsSource: true, sources: [] }),
    place: 'services 10.96.0.20 . tcp . 80',
    rules: ['drop', 'meta l4proto tcp dnat to 10.244.0.2:8080'],
  },
  {
    title: 'a client keeps its backend for a time',
    listener: listener({ affinitySeconds: 60 }),
    place: 'services 10.96.0.20 . tcp . 80',
    rules: [
      masquerade,
      'ip saddr @clients_10.96.0.20_tcp_80_10.244.0.2_8080_60 goto backend_10.96.0.20_tcp_80_10.244.0.2_8080_60',
      'ip saddr @clients_10.96.0.20_tcp_80_10.244.0.3_8081_60 goto backend_10.96.0.20_tcp_80_10.244.0.3_8081_60',
      'numgen random mod 2 vmap { 0 : goto backend_10.96.0.20_tcp_80_10.244.0.2_8080_60, 1 : goto backend_10.96.0.20_tcp_80_10.244.0.3_8081_60 }',
    ],
  },
  {
    title: 'without backends there is nothing',
    listener: listener({ backends: [] }),
    place: null,
    rules: [],
  },
  {
    title: 'nor for loopback, which never passes by',
    listener: listener({ address: '127.0.0.1' }),
    place: null,
    rules: [],
  },
];
for (const { title, listener: given, place, rules: expected } of cases)
  test(title, (t) => {
    const rules = serviceRules([given], machine);
    t.deepEqual([...rules.places.keys()], place === null ? [] : [place]);
    const chain = place === null ? undefined : rules.places.get(place);
    t.deepEqual(chain === undefined ? [] : rules.chains.get(chain), expected);
  });

test('nothing to change is nothing to say', (t) => {
  const rules = serviceRules([listener({ affinitySeconds: 5 })], machine);
  t.is(changedRules(rules, rules, machine), '');
});

/** A table of nftables, as far as these transactions go; throws where nft would refuse. */
class Table {
  readonly chains = new Map<string, string[]>();
  readonly sets = new Set<string>();
  readonly elements = new Map<string, string>();

  run(text: string): void {
    for (const line of text.split('\n').filter((some) => some !== '')) this.#line(line);
    for (const [key, value] of this.elements)
      if (value.startsWith('goto ') && !this.chains.has(value.slice(5)))
        throw new Error(`${key} leads nowhere`);
    for (const rules of this.chains.values())
      for (const rule of rules) {
        for (const [, chain] of rule.matchAll(/goto (\S+?)[,\s]/g))
          if (!this.chains.has(chain ?? '')) throw new Error(`no chain for ${rule}`);
        for (const [, set] of rule.matchAll(/@(clients\S+)/g))
          if (!this.sets.has(set ?? '')) throw new Error(`no set for ${rule}`);
      }
  }

  #line(line: string): void {
    const [verb = '', what = '', , , name = '', ...rest] = line.split(' ');
    const chain = this.chains.get(name);
    const [key = '', value = ''] = rest.slice(1, -1).join(' ').split(' : ');
    const fail = (): never => {
      throw new Error(line);
    };
    if (`${verb} ${what}` === 'add chain') chain === undefined ? this.chains.set(name, []) : fail();
    else if (`${verb} ${what}` === 'flush chain') chain === undefined ? fail() : this.chains.set(name, []);
    else if (`${verb} ${what}` === 'add rule') chain === undefined ? fail() : chain.push(rest.join(' '));
    else if (`${verb} ${what}` === 'delete chain') this.chains.delete(name) || fail();
    else if (`${verb} ${what}` === 'add set') this.sets.has(name) ? fail() : this.sets.add(name);
    else if (`${verb} ${what}` === 'delete set') this.sets.delete(name) || fail();
    else if (`${verb} ${what}` === 'add element')
      this.elements.has(`${name} ${key}`) ? fail() : this.elements.set(`${name} ${key}`, value);
    else if (`${verb} ${what}` === 'delete element') this.elements.delete(`${name} ${key}`) || fail();
    else fail();
  }
}

const tables = fc
  .array(
    fc.record({
      port: fc.integer({ min: 80, max: 84 }),
      ends: fc.uniqueArray(fc.integer({ min: 2, max: 5 }), { maxLength: 4 }),
      affinitySeconds: fc.constantFrom(null, 5, 60),
      keepsSource: fc.boolean(),
      address: fc.constantFrom('10.96.0.20', '0.0.0.0'),
    }),
    { maxLength: 6 },
  )
  .map((rows) => [
    ...new Map(
      rows.map(({ ends, ...row }) => [
        `${row.address}:${row.port}`,
        listener({ ...row, backends: ends.map((end) => ({ address: `10.244.0.${end}`, port: 8080 })) }),
      ]),
    ).values(),
  ]);

test('property: changes one after the other lead where all at once does', (t) => {
  fc.assert(
    fc.property(fc.array(tables, { minLength: 1, maxLength: 4 }), (steps) => {
      const kernel = new Table();
      let before = serviceRules([], machine);
      for (const step of steps) {
        const after = serviceRules(step, machine);
        kernel.run(changedRules(before, after, machine));
        before = after;
      }
      const fresh = new Table();
      fresh.run(wholeRules(before, machine).split('\n}\n')[1] ?? '');
      t.deepEqual(new Map([...kernel.chains].sort()), new Map([...fresh.chains].sort()));
      t.deepEqual([...kernel.sets].sort(), [...fresh.sets].sort());
      t.deepEqual(new Map([...kernel.elements].sort()), new Map([...fresh.elements].sort()));
    }),
  );
});
