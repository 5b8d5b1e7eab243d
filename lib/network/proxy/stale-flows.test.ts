import test from 'ava';
import type { ProxyListener } from './proxy-table.ts';
import { parseFlows, staleFlows } from './stale-flows.ts';

const line = (destination: string, port: number, backend: string): string =>
  `udp      17 27 src=10.244.0.9 dst=${destination} sport=40000 dport=${port} [UNREPLIED] src=${backend} dst=10.244.0.9 sport=8053 dport=40000 mark=0 use=1`;
const range = { serviceRange: '10.96.0.0/16', podRange: '10.244.0.0/24' };
const listener = (more: Partial<ProxyListener>): ProxyListener => ({
  ...{ protocol: 'UDP', address: '10.96.0.20', port: 53, service: 'a/b', affinitySeconds: null },
  backends: [{ address: '10.244.0.2', port: 8053 }],
  ...more,
});
const table = [
  listener({}),
  listener({ address: '0.0.0.0', port: 30_053 }),
  listener({ protocol: 'TCP', port: 54 }),
];

const CASES: Record<string, { readonly flows: readonly string[]; readonly stale: readonly string[] }> = {
  'a pod that stands behind the Service stays': { flows: [line('10.96.0.20', 53, '10.244.0.2')], stale: [] },
  'one that does not any more goes, once for all its clients': {
    flows: [line('10.96.0.20', 53, '10.244.0.3'), line('10.96.0.20', 53, '10.244.0.3')],
    stale: ['10.96.0.20:53 10.244.0.3'],
  },
  'so does that of a Service which is gone': {
    flows: [line('10.96.0.99', 53, '10.244.0.2')],
    stale: ['10.96.0.99:53 10.244.0.2'],
  },
  'a node port is one at every address': {
    flows: [line('192.0.2.1', 30_053, '10.244.0.2'), line('192.0.2.1', 30_053, '10.244.0.3')],
    stale: ['192.0.2.1:30053 10.244.0.3'],
  },
  'what others of the machine lead elsewhere is theirs': {
    flows: [line('192.0.2.1', 9_053, '10.244.0.3'), line('192.0.2.1', 30_053, '172.17.0.2')],
    stale: [],
  },
  'what is not led elsewhere is no flow of ours': {
    flows: [line('10.96.0.20', 53, '10.96.0.20')],
    stale: [],
  },
  'garbage is none': { flows: ['', 'conntrack v1.4.7: 2 flow entries', 'src=1 dst=2'], stale: [] },
};

for (const [title, { flows, stale }] of Object.entries(CASES))
  test(`flows: ${title}`, (t) => {
    const found = staleFlows(parseFlows(flows.join('\n')), table, range);
    t.deepEqual(
      found.map(({ address, port, backend }) => `${address}:${port} ${backend}`),
      stale,
    );
  });
