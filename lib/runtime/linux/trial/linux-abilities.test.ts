import test from 'ava';
import { linuxAbilities, type NetworkAbilities } from './linux-abilities.ts';

const trial = {
  launcher: 'crun',
  verdicts: [{ launcher: 'crun', works: true, said: '', filters: true }],
  withheld: null,
  cgroups: 'v2',
  upper: { in: 'disk' },
} as const;

const CASES: Record<string, { readonly network: NetworkAbilities; readonly lacks: readonly string[] }> = {
  'nothing is missing': { network: { troubles: [], services: { by: 'nftables' } }, lacks: [] },
  'of Services nothing is said before it is known': { network: { troubles: [], services: null }, lacks: [] },
  'every trouble of the network is told': {
    network: {
      troubles: [
        { code: 'FORWARDING_OFF', message: 'first' },
        { code: 'FORWARD_DROPPED', message: 'second' },
      ],
      services: { by: 'nftables' },
    },
    lacks: ['PodRouting FORWARDING_OFF first. second.'],
  },
  'flows that nobody forgets are told of': {
    network: { troubles: [], services: { by: 'nftables', keepsFlows: 'no conntrack' } },
    lacks: ['ServiceFlows NotForgotten no conntrack.'],
  },
  'who leads to Services without rules says why': {
    network: { troubles: [], services: { by: 'proxy', why: 'no nft' } },
    lacks: ['ServiceRules Proxy no nft.'],
  },
};

for (const [title, { network, lacks }] of Object.entries(CASES))
  test(`abilities: ${title}`, (t) => {
    const missing = linuxAbilities(trial, network).filter(({ has }) => !has);
    t.is(missing.length, lacks.length);
    for (const [at, { name, reason, message }] of missing.entries()) {
      const [wantedName, wantedReason, ...words] = (lacks[at] ?? '').split(' ');
      t.deepEqual([name, reason], [wantedName, wantedReason]);
      t.true(message.endsWith(words.join(' ')), message);
    }
  });
