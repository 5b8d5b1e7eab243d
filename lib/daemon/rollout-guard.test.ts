import test from 'ava';
import type { ComponentHold } from '../plan/hold.ts';
import type { InventoryRow } from '../plan/inventory.ts';
import { type KubeObject, type ObjectRef, refKey } from '../schema/object.ts';
import type { Health } from '../status/health-state.ts';
import type { ObjectStatus } from '../status/report.ts';
import { decideHolds, type GuardInput } from './rollout-guard.ts';

const ref = (kind: string, name: string): ObjectRef => ({
  group: kind === 'Deployment' ? 'apps' : kind === 'Job' ? 'batch' : '',
  ...{ kind, namespace: 'shop', name },
});
const [web, settings, job, other] = [
  ref('Deployment', 'web'),
  ref('ConfigMap', 'web'),
  ref('Job', 'migrate'),
  ref('Deployment', 'other'),
];
const failed: Health = {
  state: 'Degraded',
  reason: 'ProgressDeadlineExceeded',
  message: 'it has not progressed; pod web-1: back-off',
};
const healthy: Health = { state: 'Healthy', reason: '', message: '' };

const object = (of: ObjectRef, version: string): KubeObject => ({
  apiVersion: 'v1',
  kind: of.kind,
  metadata: { name: of.name },
  version,
});
const row = (of: ObjectRef, applied: string, good: string | null): InventoryRow => ({
  ...{ source: 'main', ref: of, path: 'a.yaml', document: 0, blob: '', finished: false },
  applied: { object: object(of, applied), commit: applied },
  good: good === null ? null : { object: object(of, good), commit: good },
});
const status = (of: ObjectRef, health: Health): ObjectStatus => ({
  ...{
    ref: of,
    sync: 'Synced',
    syncReason: '',
    syncDetail: '',
    health,
    path: 'a.yaml',
    commit: 'c3',
    live: null,
  },
});

function guard(rows: readonly InventoryRow[], overrides: Partial<GuardInput> = {}) {
  return decideHolds({
    policy: 'hold',
    objects: [status(web, failed), status(settings, healthy)],
    components: [[settings, job, web], [other]],
    inventory: new Map(rows.map((each) => [refKey(each.ref), each])),
    desired: (of) => object(of, 'c3'),
    holds: [],
    history: ['c3', 'c2', 'c1'],
    changed: new Set(),
    now: 7,
    ...overrides,
  });
}

test('a failed rollout with something good to go back to is held, with all of its component', (t) => {
  const { found } = guard([row(web, 'c3', 'c1'), row(settings, 'c3', 'c2'), row(job, 'c3', 'c2')]);
  t.like(found[0], {
    mode: 'hold',
    failedRevision: 'c3',
    goodRevisions: ['c2', 'c1'],
    cause: web,
    sinceMs: 7,
    evidence: failed.message,
  });
  t.deepEqual(found[0]?.refs, [settings, job, web]);
});

const reports: Readonly<Record<string, { rows: readonly InventoryRow[]; policy?: GuardInput['policy'] }>> = {
  'the policy says so': { rows: [row(web, 'c3', 'c2')], policy: 'report' },
  'it was never good': { rows: [row(web, 'c3', null)] },
  'it is as it was when it was good': { rows: [row(web, 'c2', 'c2'), row(settings, 'c1', 'c1')] },
  'only what is never taken back has changed': { rows: [row(web, 'c2', 'c2'), row(job, 'c3', 'c2')] },
  'its row is gone': { rows: [] },
};
for (const [why, { rows, policy = 'hold' }] of Object.entries(reports)) {
  test(`a failed rollout is only told when ${why}`, (t) => {
    t.deepEqual(
      guard(rows, { policy }).found.map(({ mode }) => mode),
      ['report'],
    );
  });
}

test('a workload that did not change itself is held when what it reads did', (t) => {
  const { found } = guard([row(web, 'c1', 'c1'), row(settings, 'c3', 'c2')]);
  t.like(found[0], { mode: 'hold', failedRevision: 'c3', goodRevisions: ['c2'] });
});

test('commits that the history has forgotten are the oldest', (t) => {
  const { found } = guard([row(web, 'c3', 'forgotten'), row(settings, 'c3', 'c2')]);
  t.deepEqual(found[0]?.goodRevisions, ['c2', 'forgotten']);
});

test('what a standing hold covers, what was changed a moment ago and what is merely not ready is left', (t) => {
  const rows = [row(web, 'c3', 'c2')];
  const [hold] = guard(rows).found;
  t.deepEqual(guard(rows, { holds: hold === undefined ? [] : [hold] }).found, []);
  t.deepEqual(guard(rows, { changed: new Set([refKey(web)]) }).found, []);
  const crashing: Health = { state: 'Degraded', reason: 'CrashLoopBackOff', message: 'back-off' };
  t.deepEqual(guard(rows, { objects: [status(web, crashing)] }).found, []);
});

test('two failures of one component are one hold, of two components two', (t) => {
  const rows = [row(web, 'c3', 'c2'), row(other, 'c3', 'c2')];
  const objects = [status(web, failed), status(other, failed)];
  t.is(guard(rows, { objects }).found.length, 2);
  t.is(guard(rows, { objects, components: [[other, web]] }).found.length, 1);
});

test('a failure that was told is over when its cause is well or gone; a hold is not', (t) => {
  const told: ComponentHold = {
    ...{ refs: [web], failedDigest: '', failedRevision: '', goodRevisions: [], cause: web },
    ...{ evidence: '', sinceMs: 0, mode: 'report' },
  };
  const held: ComponentHold = { ...told, mode: 'hold' };
  const holds = [told, held];
  t.deepEqual(guard([], { holds, objects: [status(web, healthy)] }).standing, [held]);
  t.deepEqual(guard([], { holds, objects: [] }).standing, [held]);
  t.deepEqual(guard([], { holds, objects: [status(web, failed)] }).standing, holds);
});
