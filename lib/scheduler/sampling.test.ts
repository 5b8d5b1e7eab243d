import test from 'ava';
import { testNode, testPod } from '../testing/scheduled-objects.ts';
import { clusterOf } from './cluster-of.ts';
import { decideOn } from './decide.ts';
import { feasibleNodesEnough, preemptionCandidatesEnough } from './sampling.ts';

test('sampling: all of few nodes, a share of many that shrinks', (t) => {
  t.deepEqual(
    [1, 99, 100, 125, 1_000, 5_000, 6_000, 20_000].map(feasibleNodesEnough),
    [1, 99, 100, 100, 420, 500, 300, 1_000],
  );
  t.deepEqual([5, 100, 2_000].map(preemptionCandidatesEnough), [5, 100, 200]);
});

test('sampling: the search goes on where the last one ended, so that all nodes of a large cluster have their turn', (t) => {
  const nodes = Array.from({ length: 300 }, (_, at) => testNode(`n${String(at).padStart(3, '0')}`));
  const state = clusterOf({ nodes, assigned: [] });
  const start = { at: 0 };
  const pending = Array.from({ length: 300 }, (_, at) => testPod(`p${at}`, { cpu: '1' }));
  const { bindings } = decideOn(state, { pending, budgets: [], start });
  // One search looks at 144 of them.
  t.true(new Set(bindings.map(({ nodeName }) => nodeName)).size > 250);
});
