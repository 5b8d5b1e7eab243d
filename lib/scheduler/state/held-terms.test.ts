import test from 'ava';
import type { Pod } from '../../schema/types.gen.ts';
import { nodeFacts } from '../facts/node-facts.ts';
import { type PodFacts, podFacts } from '../facts/pod-facts.ts';
import { heldTerms } from './held-terms.ts';

const topologyKey = 'kubernetes.io/hostname';
const node = nodeFacts({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'a', labels: { [topologyKey]: 'a' } },
  spec: {},
});
const pod = (name: string): PodFacts => {
  const term = { topologyKey, labelSelector: { matchLabels: { of: name } } };
  const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  const containers = [{ name: 'main' }];
  const metadata = { name, namespace: 'default', uid: name, labels: { of: name } };
  return podFacts({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, affinity } } as Pod);
};

test('terms of pods that are gone do not add up, and those of pods that are there stay', (t) => {
  const terms = heldTerms(10);
  terms.placed(pod('stays'), node, 1);
  for (let each = 0; each < 1_000; each += 1) {
    const passing = pod(`passing-${each}`);
    terms.placed(passing, node, 1);
    terms.placed(passing, node, -1);
    terms.tidy();
    t.true(terms.count() <= 10);
  }
  const labels = (): undefined => undefined;
  t.is(terms.matching(pod('stays'), labels).length, 1);
  const back = pod('passing-1');
  terms.placed(back, node, 1);
  t.is(terms.matching(back, labels).length, 1, 'one that comes back has its term anew');
});
