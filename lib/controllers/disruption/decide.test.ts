import test from 'ava';
import type { PodDisruptionBudget } from '../../api/disruption-budget.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { decideDisruption } from './decide.ts';

const NOW = 1_700_000_000_000;

function pod(name: string, state: 'ready' | 'unready' | 'ending'): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...(state === 'ending' && { deletionTimestamp: '2023-01-01T00:00:00Z' }) },
    spec: { containers: [] },
    status: { conditions: [{ type: 'Ready', status: state === 'unready' ? 'False' : 'True' }] },
  };
}
const budget = (spec: PodDisruptionBudget['spec']): PodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'web', generation: 2 },
  ...(spec && { spec }),
});
const three = [pod('a', 'ready'), pod('b', 'ready'), pod('c', 'ready')];

for (const { title, spec, pods, tally, allowed } of [
  {
    title: 'what is above minAvailable can be spared',
    spec: { minAvailable: 2 },
    pods: three,
    tally: [3, 3, 2, 1],
    allowed: 'True',
  },
  {
    title: 'pods that are not ready, or on their way out, are not healthy',
    spec: { minAvailable: 1 },
    pods: [pod('a', 'ready'), pod('b', 'unready'), pod('c', 'ending')],
    tally: [3, 1, 1, 0],
    allowed: 'False',
  },
  {
    title: 'without pods nothing can be spared',
    spec: { maxUnavailable: 1 },
    pods: [],
    tally: [0, 0, 0, 0],
    allowed: 'False',
  },
]) {
  test(title, (t) => {
    const [expectedPods, currentHealthy, desiredHealthy, disruptionsAllowed] = tally;
    t.like(decideDisruption(budget(spec), { pods, workloads: [] }, NOW), {
      ...{ expectedPods, currentHealthy, desiredHealthy, disruptionsAllowed, observedGeneration: 2 },
      conditions: [{ type: 'DisruptionAllowed', status: allowed }],
    });
  });
}

test('what stays as it is is the same status', (t) => {
  const all = { pods: three, workloads: [] };
  const first = decideDisruption(budget({ minAvailable: 2 }), all, NOW);
  t.deepEqual(decideDisruption({ ...budget({ minAvailable: 2 }), status: first }, all, NOW + 5_000), first);
});
