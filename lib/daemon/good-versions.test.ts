import test from 'ava';
import type { InventoryRow } from '../plan/inventory.ts';
import { type ObjectRef, refKey } from '../schema/object.ts';
import type { Health } from '../status/health-state.ts';
import type { ObjectStatus } from '../status/report.ts';
import { rowsToMark } from './good-versions.ts';

const ref = (kind: string, name: string): ObjectRef => ({ group: '', kind, namespace: 'shop', name });
const [web, settings, job] = [ref('Deployment', 'web'), ref('ConfigMap', 'web'), ref('Job', 'once')];
const row = (of: ObjectRef): InventoryRow => {
  const version = (commit: string) => ({
    object: { apiVersion: 'v1', kind: of.kind, metadata: { name: of.name } },
    commit,
  });
  const place = { path: 'a.yaml', document: 0, blob: '' };
  return { source: 'main', ref: of, applied: version('c2'), good: version('c1'), ...place, finished: false };
};
const status = (
  of: ObjectRef,
  more: Partial<ObjectStatus> & { readonly state?: Health['state']; readonly reason?: string } = {},
): ObjectStatus => {
  const { state = 'Healthy', reason = '', ...rest } = more;
  const health = { state, reason, message: '' };
  return {
    ref: of,
    sync: 'Synced',
    syncReason: '',
    syncDetail: '',
    health,
    path: '',
    commit: '',
    live: null,
    ...rest,
  };
};

/** The names of what is marked good. */
function marked(objects: readonly ObjectStatus[], components = [[settings, web]]): readonly string[] {
  const inventory = new Map([web, settings].map((of) => [refKey(of), row(of)]));
  return rowsToMark({ objects, components, inventory })
    .flat()
    .filter((each) => each.good?.commit === 'c2')
    .map((each) => each.ref.kind);
}

const cases: Readonly<Record<string, { other: ObjectStatus; good: boolean }>> = {
  'all of it is healthy and in sync': { other: status(settings), good: true },
  'a part rests on purpose': {
    other: status(settings, { state: 'Suspended', reason: 'Suspended' }),
    good: true,
  },
  'a part is kept though git dropped it': { other: status(settings, { sync: 'Kept' }), good: true },
  'a part waits to be deleted': {
    other: status(settings, { sync: 'OutOfSync', syncReason: 'prune-held' }),
    good: true,
  },
  'a Deployment is paused': {
    other: status(settings, { state: 'Suspended', reason: 'DeploymentPaused' }),
    good: false,
  },
  'a part is on its way': { other: status(settings, { state: 'Progressing' }), good: false },
  'a part is degraded': { other: status(settings, { state: 'Degraded' }), good: false },
  'a Service cannot have its port on this machine': {
    other: status(settings, { state: 'Degraded', reason: 'ListenFailed' }),
    good: true,
  },
  'a part is left alone by request': {
    other: status(settings, {
      ...{ sync: 'Blocked', syncReason: 'reconcile-disabled' },
      ...{ state: 'Degraded', reason: 'CrashLoopBackOff' },
    }),
    good: true,
  },
  'a part is blocked': { other: status(settings, { sync: 'Blocked', syncReason: 'invalid' }), good: false },
  'a part is held': {
    other: status(settings, { sync: 'Held', syncReason: 'held-after-failure' }),
    good: false,
  },
};
for (const [title, { other, good }] of Object.entries(cases)) {
  test(`a component is ${good ? '' : 'not '}good when ${title}`, (t) => {
    t.deepEqual(marked([status(web), other]), good ? ['ConfigMap', 'Deployment'] : []);
  });
}

test('components are good by themselves, and what is marked is not marked again', (t) => {
  const objects = [status(web), status(settings, { state: 'Degraded' })];
  t.deepEqual(marked(objects, [[settings], [web]]), ['Deployment']);
  const proven = { ...row(web), good: row(web).applied };
  const again = rowsToMark({
    objects: [status(web)],
    components: [[web]],
    inventory: new Map([[refKey(web), proven]]),
  });
  t.deepEqual(again, []);
});

const condition = (type: string) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'once' },
  status: { conditions: [{ type, status: 'True' }] },
});
const jobs: Readonly<Record<string, { of: ObjectStatus; finished: boolean }>> = {
  'it completed': { of: status(job, { reason: 'Completed', live: condition('Complete') }), finished: true },
  'it failed for good': { of: status(job, { state: 'Degraded', live: condition('Failed') }), finished: true },
  'it runs': { of: status(job, { state: 'Progressing', live: condition('Suspended') }), finished: false },
  'its pods crash, and it may still succeed': {
    of: status(job, { state: 'Degraded', reason: 'CrashLoopBackOff', live: condition('Suspended') }),
    finished: false,
  },
  'it is not there': { of: status(job, { state: 'Missing' }), finished: false },
};
for (const [title, { of, finished }] of Object.entries(jobs)) {
  test(`a Job has ${finished ? '' : 'not '}finished when ${title}`, (t) => {
    const inventory = new Map([[refKey(job), row(job)]]);
    t.is(
      rowsToMark({ objects: [of], components: [], inventory })
        .flat()
        .some((each) => each.finished),
      finished,
    );
  });
}
