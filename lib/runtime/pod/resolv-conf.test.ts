import test from 'ava';
import fc from 'fast-check';
import type { Pod } from '../../schema/types.gen.ts';
import { parseResolvConf, resolvConf } from './resolv-conf.ts';

const dns = { servers: ['10.96.0.10'], clusterDomain: 'cluster.local' };
const MACHINE =
  '# from dhcp\nnameserver 192.0.2.53\nsearch corp.example. lab.example\noptions timeout:2 rotate\n';
const podOf = (spec: Partial<Pod['spec']>): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { containers: [], ...spec },
});

const rows: readonly {
  readonly title: string;
  readonly spec: Partial<Pod['spec']>;
  readonly servers?: readonly string[];
  readonly machine?: string;
  readonly expected: string;
}[] = [
  {
    title: 'ClusterFirst: the cluster, its domains before those of the machine, five dots',
    spec: { dnsPolicy: 'ClusterFirst' },
    expected:
      'search shop.svc.cluster.local svc.cluster.local cluster.local corp.example lab.example\nnameserver 10.96.0.10\noptions ndots:5\n',
  },
  {
    title: 'ClusterFirst in the machine’s network: as Default',
    spec: { dnsPolicy: 'ClusterFirst', hostNetwork: true },
    expected: 'search corp.example lab.example\nnameserver 192.0.2.53\noptions timeout:2 rotate\n',
  },
  {
    title: 'ClusterFirstWithHostNet in the machine’s network: the cluster',
    spec: { dnsPolicy: 'ClusterFirstWithHostNet', hostNetwork: true },
    machine: '',
    expected:
      'search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
  },
  {
    title: 'Default: what the machine has',
    spec: { dnsPolicy: 'Default' },
    expected: 'search corp.example lab.example\nnameserver 192.0.2.53\noptions timeout:2 rotate\n',
  },
  {
    title: 'no name server of the cluster: what the machine has',
    spec: {},
    servers: [],
    expected: 'search corp.example lab.example\nnameserver 192.0.2.53\noptions timeout:2 rotate\n',
  },
  {
    title: 'None: only what the pod says',
    spec: {
      dnsPolicy: 'None',
      dnsConfig: {
        nameservers: ['192.0.2.1'],
        searches: ['a.example'],
        options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
      },
    },
    expected: 'search a.example\nnameserver 192.0.2.1\noptions ndots:2 edns0\n',
  },
  {
    title: 'the pod’s own come after, options of the same name instead, doubles once',
    spec: {
      dnsConfig: {
        nameservers: ['10.96.0.10', '192.0.2.1'],
        searches: ['corp.example'],
        options: [{ name: 'ndots', value: '1' }],
      },
    },
    machine: 'search corp.example\n',
    expected:
      'search shop.svc.cluster.local svc.cluster.local cluster.local corp.example\nnameserver 10.96.0.10\nnameserver 192.0.2.1\noptions ndots:1\n',
  },
  {
    title: 'three name servers at most',
    spec: {
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'] },
    },
    expected: 'nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n',
  },
];

for (const { title, spec, servers, machine, expected } of rows) {
  test(`resolv.conf: ${title}`, (t) => {
    t.is(resolvConf(podOf(spec), { ...dns, ...(servers && { servers }) }, machine ?? MACHINE), expected);
  });
}

test('resolv.conf: a machine’s domain counts as its search; a later search wins; what is commented out does not count', (t) => {
  t.deepEqual(parseResolvConf('domain a.example\n;nameserver 1.1.1.1\n').searches, ['a.example']);
  t.deepEqual(parseResolvConf('search a b\nsearch c\n'), { servers: [], searches: ['c'], options: [] });
});

test('resolv.conf: whatever a pod and a machine say, it has only its three kinds of lines, within the resolver’s limits', (t) => {
  const text = fc.string({ unit: 'binary', maxLength: 30 });
  const words = fc.array(text, { maxLength: 40 });
  fc.assert(
    fc.property(words, words, words, fc.string(), (nameservers, searches, options, machine) => {
      const dnsConfig = { nameservers, searches, options: options.map((name) => ({ name })) };
      const made = resolvConf(podOf({ dnsConfig }), dns, machine);
      for (const line of made.split('\n').slice(0, -1))
        t.regex(line, /^(search|nameserver|options)( [\x21-\x7e]+)+$/);
      t.true(made.split('\n').filter((line) => line.startsWith('nameserver')).length <= 3);
      t.true((/^search .*$/m.exec(made)?.[0].length ?? 0) <= 'search '.length + 2048);
    }),
  );
});
