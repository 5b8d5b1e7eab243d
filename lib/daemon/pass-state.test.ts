import test from 'ava';
import { limits } from '../base/limits.ts';
import type { CommitInfo } from '../git/repository.ts';
import { emptyPlan, type Plan, type PlannedChange, type PruneHold } from '../plan/plan.ts';
import { emptySourceState, type SourceState, sourceObject, sourceState } from '../plan/source-state.ts';
import { stateWithPlan } from './pass-state.ts';

const ref = { group: '', kind: 'ConfigMap', namespace: 'default', name: 'a' };
const live = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
const changes: Readonly<Record<PlannedChange['action'], PlannedChange>> = {
  create: { action: 'create', ref, object: live },
  patch: {
    ...{ action: 'patch', ref, operations: [], resourceVersion: '1', live, result: live },
    ...{ desired: live, heals: false, restartsPods: false },
  },
  replace: {
    ...{ action: 'replace', ref, object: live, live, fields: [] },
    ...{ propagation: 'Background', restartsPods: false },
  },
  prune: { action: 'prune', ref, path: 'a.yaml', commit: 'c', live },
};
const hold = (reason: PruneHold['reason']): PruneHold => ({
  id: `id-${reason}`,
  reason,
  detail: '',
  refs: [ref],
});
const commit = (oid: string): CommitInfo => {
  const who = { name: 'Ada', email: 'ada@example.com', atMs: 0 };
  return { oid, tree: '', parents: [], author: who, committer: who, message: `Change ${oid}\n\nMore.` };
};
const start = emptySourceState({ name: 'main', location: '/repo', branch: 'main', path: '' });

function next(state: SourceState, oid: string, plan: Partial<Plan> = {}): SourceState {
  const result = {
    plan: { ...emptyPlan, revision: oid, ...plan },
    components: [],
    standingHolds: [],
    memory: null,
  };
  return stateWithPlan({ state, result, head: commit(oid), now: 5 });
}

test('a revision has one entry in the history, with what it did', (t) => {
  const { create, patch, replace, prune } = changes;
  const blocked = [{ ref, reason: 'invalid' as const, detail: '' }];
  const state = next(start, 'c1', { changes: [create, create, patch, replace, prune], blocked });
  t.deepEqual(state.history, [
    { revision: 'c1', atMs: 5, subject: 'Change c1', created: 2, changed: 2, pruned: 1, blocked: 1 },
  ]);
  t.is(state.revision, 'c1');
});

test('what a revision deletes later counts for it; what is healed later does not', (t) => {
  const first = next(start, 'c1', { changes: [changes.create] });
  const later = next(first, 'c1', { changes: [changes.prune, changes.patch, changes.create] });
  t.like(later.history[0], { created: 1, changed: 0, pruned: 1 });
  t.is(later.history.length, 1);
});

test('a pass with nothing to do changes nothing of the state', (t) => {
  const first = next(start, 'c1', { changes: [changes.create] });
  t.deepEqual(next(first, 'c1'), first);
});

test('the history is newest first, and bounded', (t) => {
  let state = start;
  for (let at = 0; at < limits.historyEntriesMax + 3; at += 1) state = next(state, `c${at}`);
  t.is(state.history.length, limits.historyEntriesMax);
  t.is(state.history[0]?.revision, `c${limits.historyEntriesMax + 2}`);
});

test('going back to a revision is an entry of its own', (t) => {
  const state = ['c1', 'c2', 'c1'].reduce((before, oid) => next(before, oid), start);
  t.deepEqual(
    state.history.map(({ revision }) => revision),
    ['c1', 'c2', 'c1'],
  );
});

test('an approval is for one deletion; it waits while a file cannot be read', (t) => {
  const approved = { ...start, approvals: ['id'] };
  t.deepEqual(next(approved, 'c1', { changes: [changes.prune] }).approvals, []);
  t.deepEqual(next(approved, 'c1', { pruneHolds: [hold('most-of-source')] }).approvals, []);
  t.deepEqual(next(approved, 'c1', { pruneHolds: [hold('file-unparsed')] }).approvals, ['id']);
});

test('the state is read back as it was written', (t) => {
  const state = next({ ...start, approvals: ['id'] }, 'c1', {
    changes: [changes.prune],
    blocked: [{ ref, reason: 'invalid', detail: 'd', path: 'a.yaml' }],
    pruneHolds: [hold('file-unparsed'), hold('after-rollout')],
  });
  t.deepEqual(sourceState(JSON.parse(JSON.stringify(sourceObject(state)))), state);
  t.deepEqual(sourceState(sourceObject(start)), start);
});

test('parts of a stored state that another version wrote are empty rather than wrong', (t) => {
  const object = sourceObject(start);
  const spec = {
    ...(object.spec as object),
    recorded: { revision: 7, holds: [{ x: 1 }, null], history: 'none', approvals: [1, 'id'] },
  };
  t.deepEqual(sourceState({ ...object, spec }), { ...start, approvals: ['id'] });
  t.is(sourceState({ ...object, spec: { name: 'main' } }), null);
});
