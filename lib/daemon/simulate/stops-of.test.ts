import test from 'ava';
import type { Health } from '../../status/health-state.ts';
import type { ObjectStatus } from '../../status/report.ts';
import type { RolloutStep } from './rollout-step.ts';
import { stopsOf } from './stops-of.ts';

const touched = new Set(['StatefulSet shop/db']);
const recorder = { lastWord: ({ message }: { readonly message: string }) => `${message} to the last` };
const ref = { group: 'apps', kind: 'StatefulSet', namespace: 'shop', name: 'db' };
const waits: RolloutStep = {
  ...{ kind: 'waits', of: ref, workload: ref, atMs: 2_000 },
  ...{ reason: 'Unschedulable', message: 'no room' },
};
const created: RolloutStep = { kind: 'created', of: ref, workload: ref, pods: ['db-1'], atMs: 9_000 };
const unplaced: Health = { state: 'Degraded', reason: 'Unschedulable', message: 'pod db-1: no room' };
const rolling: Health = { state: 'Progressing', reason: 'RollingOut', message: '1 of 2 available' };

type Case = {
  readonly title: string;
  readonly health: Health;
  readonly steps: readonly RolloutStep[];
  readonly stop: readonly [atMs: number, reason: string, message: string];
};
const cases: readonly Case[] = [
  {
    title: 'a pod that has no place is why it stops',
    ...{ health: unplaced, steps: [waits, created], stop: [2_000, 'Unschedulable', 'no room to the last'] },
  },
  {
    title: 'a pod that had no place and has one since is not why it stops',
    ...{ health: rolling, steps: [waits, created], stop: [9_000, 'RollingOut', '1 of 2 available'] },
  },
  {
    title: 'what no health tells is why it stops',
    ...{
      health: rolling,
      steps: [{ ...waits, reason: 'FailedMount' }],
      stop: [2_000, 'FailedMount', 'no room to the last'],
    },
  },
];

for (const { title, health, steps, stop } of cases) {
  test(title, (t) => {
    const synced = { sync: 'Synced' as const, syncReason: '', syncDetail: '' };
    const object: ObjectStatus = { ref, health, ...synced, path: 'db.yaml', commit: null, live: null };
    const stops = stopsOf({ objects: [object] }, { steps, touched, recorder });
    t.deepEqual(
      stops.map(({ atMs, reason, message }) => [atMs, reason, message]),
      [stop],
    );
  });
}
