import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { toRfc3339 } from '../base/clock.ts';
import { readCases } from '../testing/case-file.ts';
import { isPodActive } from './pod-conditions.ts';
import { comparePodsForDeletion, DELETION_COST_ANNOTATION, rankPodsForDeletion } from './pod-ranking.ts';
import type { Pod } from './types.gen.ts';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const ago = (seconds: number | null): string | undefined =>
  seconds === null ? undefined : toRfc3339(NOW - seconds * 1000);

type Row = {
  readonly name: string;
  readonly nodeName: string;
  readonly phase: string;
  readonly ready: boolean;
  readonly restarts: number;
  readonly readySecondsAgo: number | null;
  readonly createdSecondsAgo: number | null;
  readonly deletionCost?: string;
};
type Input = {
  readonly a?: Row;
  readonly b?: Row;
  readonly rankA?: number;
  readonly rankB?: number;
  readonly podDeletionCostDisabled?: boolean;
  readonly pods?: readonly (readonly [name: string, phase: string])[];
};
type Expected = {
  readonly active?: readonly string[];
  readonly equal?: boolean;
  readonly aBeforeB?: boolean;
};

const usual: Row = {
  name: 'usual',
  nodeName: 'node',
  phase: 'Running',
  ready: true,
  restarts: 0,
  readySecondsAgo: 3600,
  createdSecondsAgo: 3600,
};

const podOf = (row: Row): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: row.name,
    creationTimestamp: ago(row.createdSecondsAgo),
    annotations: row.deletionCost === undefined ? {} : { [DELETION_COST_ANNOTATION]: row.deletionCost },
  },
  spec: { containers: [{ name: 'main' }], nodeName: row.nodeName },
  status: {
    phase: row.phase,
    conditions: row.ready
      ? [{ type: 'Ready', status: 'True', lastTransitionTime: ago(row.readySecondsAgo) }]
      : [],
    containerStatuses: [
      { name: 'main', image: '', imageID: '', ready: row.ready, restartCount: row.restarts },
    ],
  },
});

const compared = ({ a = usual, b = usual, rankA = 0, rankB = 0 }: Input): number =>
  Math.sign(comparePodsForDeletion({ pod: podOf(a), rank: rankA }, { pod: podOf(b), rank: rankB }, NOW));

const checks: Readonly<Record<string, (t: ExecutionContext, input: Input, expected: Expected) => void>> = {
  equal: (t, input) => t.is(compared(input), 0),
  less(t, input) {
    t.is(compared(input), -1);
    const { a = usual, b = usual, rankA = 0, rankB = 0 } = input;
    t.is(compared({ a: b, b: a, rankA: rankB, rankB: rankA }), 1);
  },
  'filter-active'(t, { pods = [] }, expected) {
    const names = pods.map(([name, phase]) => podOf({ ...usual, name, phase })).filter(isPodActive);
    t.deepEqual(
      names.map((pod) => pod.metadata.name),
      expected.active ?? [],
    );
  },
};

for (const [at, { kind = '', name, input, expected }] of readCases<Input, Expected>(
  'pod-deletion-ranking',
).entries()) {
  // The deletion cost is always on here, as it is by default upstream; there is no gate to turn it off.
  if (input.podDeletionCostDisabled === true) continue;
  test(`case ${at}: ${name}`, (t) => {
    const check = checks[kind];
    if (check === undefined) return t.fail(`unknown kind of case: ${kind}`);
    check(t, input, expected);
  });
}

const HOUR = 3600;
const order: readonly (readonly [title: string, first: Partial<Row>, second: Partial<Row>])[] = [
  ['no node before a node', { nodeName: '' }, {}],
  ['pending before unknown', { phase: 'Pending', ready: false }, { phase: 'Unknown', ready: false }],
  ['unready before ready', { ready: false }, {}],
  ['a low cost before a high one', { deletionCost: '-5' }, { deletionCost: '10' }],
  ['a broken cost counts as none', { deletionCost: '-1' }, { deletionCost: 'much' }],
  ['ready for two hours before ready for five', { readySecondsAgo: 2 * HOUR }, { readySecondsAgo: 5 * HOUR }],
  ['more restarts before fewer', { restarts: 2 }, { restarts: 1 }],
  ['the newer before the older', { createdSecondsAgo: 2 * HOUR }, { createdSecondsAgo: 5 * HOUR }],
];

for (const [title, first, second] of order)
  test(title, (t) => t.is(compared({ a: { ...usual, ...first }, b: { ...usual, ...second } }), -1));

test('the more of its kind on a node the earlier it goes', (t) => t.is(compared({ rankA: 2, rankB: 1 }), -1));

const rows: fc.Arbitrary<Row> = fc.record({
  name: fc.constant('pod'),
  nodeName: fc.constantFrom('', 'node'),
  phase: fc.constantFrom('Pending', 'Unknown', 'Running'),
  ready: fc.boolean(),
  restarts: fc.integer({ min: 0, max: 2 }),
  readySecondsAgo: fc.option(fc.integer({ min: 0, max: 50_000 })),
  createdSecondsAgo: fc.option(fc.integer({ min: 0, max: 50_000 })),
});

test('property: comparing is antisymmetric, and sorting loses no pod', (t) => {
  fc.assert(
    fc.property(fc.array(rows, { maxLength: 6 }), (list) => {
      const pods = list.map((row, at) => ({ pod: podOf({ ...row, name: `pod-${at}` }), rank: at % 2 }));
      for (const a of pods) {
        for (const b of pods) {
          const forth = Math.sign(comparePodsForDeletion(a, b, NOW));
          t.is(forth + Math.sign(comparePodsForDeletion(b, a, NOW)), 0);
        }
      }
      const sorted = rankPodsForDeletion(pods, NOW).map((pod) => pod.metadata.name);
      t.deepEqual([...sorted].sort(), pods.map(({ pod }) => pod.metadata.name).sort());
    }),
  );
});
