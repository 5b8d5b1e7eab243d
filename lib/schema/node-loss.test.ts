import test from 'ava';
import { automaticTolerations, isConditionTaint } from './node-loss.ts';
import type { Toleration } from './types.gen.ts';

const rows: readonly {
  readonly title: string;
  readonly own: readonly Toleration[] | undefined;
  readonly added: readonly string[];
}[] = [
  {
    title: 'a pod that says nothing bears both for a while',
    own: undefined,
    added: ['not-ready', 'unreachable'],
  },
  {
    title: 'what it bears already is not added',
    own: [{ key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' }],
    added: ['not-ready'],
  },
  { title: 'one that bears everything gets nothing', own: [{ operator: 'Exists' }], added: [] },
  {
    title: 'to bear that no pods come is another thing',
    own: [{ key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoSchedule' }],
    added: ['not-ready', 'unreachable'],
  },
];
for (const { title, own, added } of rows) {
  test(title, (t) => {
    t.deepEqual(
      automaticTolerations(own).map(({ key, tolerationSeconds }) => [key, tolerationSeconds]),
      added.map((name) => [`node.kubernetes.io/${name}`, 300]),
    );
  });
}

for (const [key, effect, expected] of [
  ['node.kubernetes.io/not-ready', 'NoExecute', true],
  ['node.kubernetes.io/unreachable', 'NoSchedule', true],
  ['node.kubernetes.io/unreachable', 'PreferNoSchedule', false],
  ['node.kubernetes.io/disk-pressure', 'NoSchedule', true],
  ['node.kubernetes.io/disk-pressure', 'NoExecute', false],
  ['node.kubernetes.io/out-of-service', 'NoExecute', false],
  ['not-ready', 'NoExecute', false],
] as const) {
  test(`${key}:${effect} is ${expected ? '' : 'not '}a condition's`, (t) => {
    t.is(isConditionTaint({ key, effect }), expected);
  });
}
