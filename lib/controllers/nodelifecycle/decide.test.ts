import test from 'ava';
import { toRfc3339 } from '../../base/clock.ts';
import type { Node, NodeCondition, Taint } from '../../schema/types.gen.ts';
import { decideNode, type NodeLook } from './decide.ts';

const NOW = Date.UTC(2026, 0, 5, 12);
const THEN = toRfc3339(NOW - 600_000);
const TIME = toRfc3339(NOW);

const condition = (type: string, status: string): NodeCondition => ({
  type,
  status,
  reason: 'x',
  message: '',
  lastTransitionTime: THEN,
});
const taint = (key: string, effect: string, timeAdded?: string): Taint => ({
  key: key.includes('/') ? key : `node.kubernetes.io/${key}`,
  effect,
  ...(timeAdded !== undefined && { timeAdded }),
});
const PRESSURES = ['MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;
const nodeOf = (name: string, ready: string | null, spec: Partial<Node['spec']> = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  spec,
  status:
    ready === null
      ? {}
      : {
          conditions: [
            ...PRESSURES.map((type) => condition(type, ready === 'Unknown' ? ready : 'False')),
            condition('Ready', ready),
          ],
        },
});
const others = (ready: number, lost: number): readonly Node[] => [
  ...Array.from({ length: ready }, (_, at) => nodeOf(`r${at}`, 'True')),
  ...Array.from({ length: lost }, (_, at) => nodeOf(`l${at}`, 'Unknown')),
];

type Row = {
  readonly title: string;
  readonly look: Partial<NodeLook> & { readonly node: Node };
  /** Ready's status afterwards; unset: conditions stay. */
  readonly ready?: string;
  /** Unset: taints stay. */
  readonly taints?: readonly Taint[];
  readonly isLost?: boolean;
  readonly evicts?: boolean;
  readonly requeueAtMs?: number | null;
};
const LATER = NOW + 50_000;
const cordoned = { unschedulable: true };
const lostTaints = [taint('unreachable', 'NoSchedule', THEN), taint('unreachable', 'NoExecute', THEN)];

const rows: readonly Row[] = [
  {
    title: 'a node that is heard of is left alone until it could be lost',
    look: { node: nodeOf('a', 'True'), lostAtMs: LATER },
    requeueAtMs: LATER,
  },
  {
    title: 'one that is not heard of is Unknown, takes no pods and lets go of those it has',
    look: { node: nodeOf('a', 'True'), others: () => others(2, 0) },
    ready: 'Unknown',
    taints: [taint('unreachable', 'NoSchedule', TIME), taint('unreachable', 'NoExecute', TIME)],
    isLost: true,
    evicts: true,
  },
  {
    title: 'one that said it was not ready is unreachable when it is not heard of',
    look: {
      node: nodeOf('a', 'False', {
        taints: [taint('not-ready', 'NoSchedule', THEN), taint('not-ready', 'NoExecute', THEN)],
      }),
      others: () => others(2, 0),
    },
    ready: 'Unknown',
    taints: [taint('unreachable', 'NoSchedule', TIME), taint('unreachable', 'NoExecute', TIME)],
    isLost: true,
  },
  {
    title: 'one that says it is not ready has the other taint',
    look: { node: nodeOf('a', 'False'), lostAtMs: LATER, others: () => others(1, 0) },
    taints: [taint('not-ready', 'NoSchedule', TIME), taint('not-ready', 'NoExecute', TIME)],
    isLost: true,
    evicts: true,
    requeueAtMs: LATER,
  },
  {
    title: 'one that never told anything is Unknown with all it should have told',
    look: { node: nodeOf('a', null), others: () => others(1, 0) },
    ready: 'Unknown',
    taints: [taint('unreachable', 'NoSchedule', TIME), taint('unreachable', 'NoExecute', TIME)],
    isLost: true,
    evicts: true,
  },
  {
    title: 'one that is back loses what was put on it, and nothing else',
    look: {
      node: nodeOf('a', 'True', { taints: [taint('example.org/mine', 'NoExecute'), ...lostTaints] }),
      lostAtMs: LATER,
    },
    taints: [taint('example.org/mine', 'NoExecute')],
    requeueAtMs: LATER,
  },
  {
    title: 'what is there already is not added again',
    look: { node: nodeOf('a', 'Unknown', { taints: lostTaints }), others: () => others(2, 0) },
    isLost: true,
  },
  {
    title: 'with all nodes lost no pod has to leave',
    look: { node: nodeOf('a', 'Unknown', { taints: lostTaints }), others: () => others(0, 2) },
    taints: [taint('unreachable', 'NoSchedule', THEN)],
    isLost: true,
  },
  {
    title: 'nor where it is the only node',
    look: { node: nodeOf('a', 'True') },
    ready: 'Unknown',
    taints: [taint('unreachable', 'NoSchedule', TIME)],
    isLost: true,
  },
  {
    title: 'in a small zone that is mostly lost no further node has to let go',
    look: { node: nodeOf('a', 'True'), others: () => others(2, 3) },
    ready: 'Unknown',
    taints: [taint('unreachable', 'NoSchedule', TIME)],
    isLost: true,
  },
  {
    title: 'two of three lost is not mostly: it takes three',
    look: { node: nodeOf('a', 'True'), others: () => others(1, 1) },
    ready: 'Unknown',
    taints: [taint('unreachable', 'NoSchedule', TIME), taint('unreachable', 'NoExecute', TIME)],
    isLost: true,
    evicts: true,
  },
  {
    title: 'nodes let go one after the other',
    look: { node: nodeOf('a', 'True'), others: () => others(5, 1), evictedAtMs: NOW - 4_000 },
    ready: 'Unknown',
    taints: [taint('unreachable', 'NoSchedule', TIME)],
    isLost: true,
    requeueAtMs: NOW + 6_000,
  },
  {
    title: 'a cordoned node says so with a taint',
    look: { node: nodeOf('a', 'True', cordoned), lostAtMs: LATER },
    taints: [taint('unschedulable', 'NoSchedule', TIME)],
    requeueAtMs: LATER,
  },
  {
    title: 'and without it when it is uncordoned',
    look: {
      node: nodeOf('a', 'True', { taints: [taint('unschedulable', 'NoSchedule', THEN)] }),
      lostAtMs: LATER,
    },
    taints: [],
    requeueAtMs: LATER,
  },
  {
    title: 'a taint of the same name that somebody set to prefer other nodes is theirs',
    look: {
      node: nodeOf('a', 'True', { taints: [taint('not-ready', 'PreferNoSchedule')] }),
      lostAtMs: LATER,
    },
    requeueAtMs: LATER,
  },
];

for (const { title, look, ready, taints, isLost = false, evicts = false, requeueAtMs = null } of rows) {
  test(title, (t) => {
    const decision = decideNode({ lostAtMs: NOW, others: () => [], evictedAtMs: null, ...look }, NOW);
    t.is(decision.conditions?.find(({ type }) => type === 'Ready')?.status, ready);
    t.deepEqual(decision.taints, taints ?? null);
    t.is(decision.isLost, isLost);
    t.is(decision.evicts, evicts);
    t.is(decision.requeueAtMs, requeueAtMs);
    const turned =
      ready !== undefined && look.node.status?.conditions?.some(({ status }) => status === 'True');
    t.deepEqual(
      decision.notes.map(({ reason }) => reason),
      turned === true ? ['NodeNotReady'] : [],
    );
  });
}

test('conditions that nobody knows any more say why and since when', (t) => {
  const node = nodeOf('a', 'True');
  const { conditions } = decideNode({ node, lostAtMs: NOW, others: () => [], evictedAtMs: null }, NOW);
  t.deepEqual(
    conditions?.map(({ type, status, reason, lastTransitionTime }) => [
      type,
      status,
      reason,
      lastTransitionTime,
    ]),
    [...PRESSURES, 'Ready'].map((type) => [type, 'Unknown', 'NodeStatusUnknown', TIME]),
  );
});
