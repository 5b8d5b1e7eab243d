import test from 'ava';
import { BEHAVIOUR_ANNOTATION, behaviourOf } from '../../runtime/simulated/simulated-behaviour.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { assumedBehaviour, RUN_TO_END_MS } from './assumed-behaviour.ts';

const pod = (restartPolicy: string, wishes?: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', ...(wishes !== undefined && { annotations: { [BEHAVIOUR_ANNOTATION]: wishes } }) },
  spec: {
    restartPolicy,
    initContainers: [
      { name: 'init', image: 'host' },
      { name: 'sidecar', image: 'host', restartPolicy: 'Always' },
    ],
    containers: [{ name: 'main', image: 'host' }],
  },
});
const endOf = (of: Pod, container: string): number | null =>
  behaviourOf(assumedBehaviour(of), container, {}).exitAfterMs;

const cases: readonly {
  readonly what: string;
  readonly of: Pod;
  readonly ends: readonly (number | null)[];
}[] = [
  { what: 'programs stay, init containers end, sidecars stay', of: pod('Always'), ends: [0, null, null] },
  { what: 'what runs to its end does so after a second', of: pod('Never'), ends: [0, null, RUN_TO_END_MS] },
  {
    what: 'a pod that says how it behaves is believed',
    of: pod('Never', '{"exitAfterMs":7}'),
    ends: [7, 7, 7],
  },
  {
    what: 'for one container too',
    of: pod('Never', '{"containers":{"main":{"exitAfterMs":9}}}'),
    ends: [0, null, 9],
  },
  { what: 'what is no behaviour says nothing', of: pod('Always', '[nonsense'), ends: [0, null, null] },
];
for (const { what, of, ends } of cases)
  test(`assumed: ${what}`, (t) =>
    t.deepEqual(
      ['init', 'sidecar', 'main'].map((name) => endOf(of, name)),
      ends,
    ));
