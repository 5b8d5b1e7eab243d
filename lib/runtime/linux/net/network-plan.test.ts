import test from 'ava';
import { networkPlans, overlapping, podAddresses } from './network-plan.ts';

const cases = [
  {
    title: 'a machine with a network of its own has the first',
    host: { links: ['lo', 'eth0'], ranges: ['192.0.2.0/24', '192.0.2.2', '127.0.0.0/8'] },
    bridge: 'pintle0',
    podRange: '10.244.0.0/24',
    serviceRange: '10.96.0.0/16',
    gateway: '10.244.0.1',
  },
  {
    title: 'a bridge of that name is passed over, whoever it is',
    host: { links: ['pintle0'], ranges: [] },
    bridge: 'pintle1',
    podRange: '10.244.1.0/24',
    serviceRange: '10.97.0.0/16',
    gateway: '10.244.1.1',
  },
  {
    title: 'a range of pods that the machine leads elsewhere',
    host: { links: [], ranges: ['10.244.0.128/25', '10.244.1.9'] },
    bridge: 'pintle2',
    podRange: '10.244.2.0/24',
    serviceRange: '10.98.0.0/16',
    gateway: '10.244.2.1',
  },
  {
    title: 'a range of Services that it leads elsewhere',
    host: { links: [], ranges: ['10.96.7.0/24'] },
    bridge: 'pintle1',
    podRange: '10.244.1.0/24',
    serviceRange: '10.97.0.0/16',
    gateway: '10.244.1.1',
  },
  {
    title: 'all of 10.0.0.0/8 led into a private network',
    host: { links: [], ranges: ['10.0.0.0/8'] },
    bridge: 'pintle0',
    podRange: '172.28.0.0/24',
    serviceRange: '172.29.0.0/20',
    gateway: '172.28.0.1',
  },
  {
    title: 'all that is private led into a private network',
    host: { links: [], ranges: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'] },
    bridge: 'pintle0',
    podRange: '198.18.0.0/24',
    serviceRange: '198.19.0.0/20',
    gateway: '198.18.0.1',
  },
];
for (const { title, host, ...expected } of cases) test(title, (t) => t.like(networkPlans(host)[0], expected));

test('no two bridges share an address', (t) => {
  const plans = networkPlans({ links: [], ranges: [] });
  t.is(plans.length, 48);
  for (const [at, plan] of plans.entries())
    for (const other of plans.slice(at + 1)) {
      if (plan.bridge === other.bridge) continue;
      t.is(overlapping([other.podRange, other.serviceRange], [plan.podRange, plan.serviceRange]), null);
    }
});

test('nothing is left when every route is taken', (t) => {
  t.deepEqual(networkPlans({ links: [], ranges: ['10.0.0.0/8', '172.16.0.0/12', '198.18.0.0/15'] }), []);
});

test('pods have all but the first two and the last', (t) => {
  const { first, last } = podAddresses({ podRange: '10.244.3.0/24' });
  t.is(last - first + 1, 253);
});
