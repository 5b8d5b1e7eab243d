import { stripVTControlCharacters } from 'node:util';
import test from 'ava';
import { isSettled, type StatusJson } from './status-json.ts';
import { statusText } from './status-text.ts';

const web = { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' };
const node = { group: '', kind: 'Namespace', namespace: '', name: 'shop' };
const commit = (digit: string): string => digit.repeat(40);

const healthy: StatusJson = {
  source: { repository: '/srv/shop.git', branch: 'main', path: '' },
  ...{
    head: commit('1'),
    revision: commit('1'),
    sync: 'Synced',
    health: 'Healthy',
    total: 2,
    counts: { Healthy: 2 },
  },
  objects: [
    { ...node, sync: 'Synced', health: 'Healthy', path: 'shop.yaml', commit: commit('1') },
    { ...web, sync: 'Synced', health: 'Healthy', path: 'web.yaml', commit: commit('1') },
  ],
  ...{ pruneHolds: [], holds: [], problems: [], events: [], troubles: [] },
};

const troubled: StatusJson = {
  ...healthy,
  ...{
    head: commit('3'),
    revision: commit('2'),
    sync: 'OutOfSync',
    health: 'Degraded',
    counts: { Healthy: 1 },
  },
  objects: [
    {
      ...node,
      sync: 'OutOfSync',
      syncReason: 'prune-held',
      syncDetail: 'told below',
      health: 'Healthy',
      path: 'shop.yaml',
      commit: commit('1'),
    },
    {
      ...web,
      sync: 'Held',
      syncReason: 'held-after-failure',
      syncDetail: 'told below',
      health: 'Degraded',
      reason: 'CrashLoopBackOff',
      message: 'back-off\n  40s',
      path: 'web.yaml',
      commit: commit('1'),
    },
  ],
  pruneHolds: [
    {
      id: 'abc',
      reason: 'most-of-source',
      detail: '7 of 9 objects would be deleted',
      needsApproval: true,
      objects: [node],
    },
    {
      id: 'def',
      reason: 'after-rollout',
      detail: 'Deployment shop/web rolls out first',
      needsApproval: false,
      objects: [web],
    },
  ],
  holds: [
    {
      cause: web,
      mode: 'hold',
      failedRevision: commit('2'),
      goodRevisions: [commit('1')],
      evidence: 'it did not start',
    },
  ],
  problems: [
    {
      severity: 'error',
      ruleId: 'unknown-field',
      file: 'web.yaml',
      line: 3,
      column: 5,
      message: 'no such field',
    },
  ],
  events: [
    {
      at: '2026-01-05T00:00:07Z',
      type: 'Warning',
      reason: 'BackOff',
      object: 'Pod shop/web-1',
      message: 'again',
      count: 7,
    },
  ],
  troubles: [{ code: 'REMOTE_DOWN', message: 'no route', retried: true, since: '2026-01-05T00:00:00Z' }],
};

test('what is well is told in few lines', (t) => {
  const lines = statusText(healthy, { colour: false }).trimEnd().split('\n');
  t.is(lines[0], 'Healthy: 2 of 2   Synced with /srv/shop.git main');
  t.is(lines.at(-1), 'Healthy     Deployment shop/web');
  t.is(lines.length, 5);
});

test('what is not well is told with what can be done', (t) => {
  const text = statusText(troubled, { colour: false });
  for (const part of [
    'Degraded: 1 of 2   OutOfSync',
    'newest 3333333333, applied 2222222222',
    'CrashLoopBackOff: back-off 40s',
    'OutOfSync: ',
    'to go on: pintle approve abc',
    'held at 1111111111 until its manifests change',
    'web.yaml:3:5 unknown-field: no such field',
    '00:00:07  Pod shop/web-1  BackOff: again (×7)',
    '(REMOTE_DOWN)',
  ])
    t.true(text.includes(part), part);
  t.false(text.includes('approve def'), 'what waits for a rollout goes on by itself');
  t.false(text.includes('told below'), 'the evidence is told once');
});

test('no commit yet is told', (t) => {
  const text = statusText(
    { ...healthy, head: null, revision: null, sync: 'NoRevision', objects: [] },
    { colour: false },
  );
  t.true(text.includes('The branch main has no commit yet.'));
});

test('colour changes nothing but colour', (t) => {
  t.is(
    stripVTControlCharacters(statusText(troubled, { colour: true })),
    statusText(troubled, { colour: false }),
  );
});

const settled: readonly (readonly [string, string, boolean])[] = [
  ['Synced', 'Healthy', true],
  ['Synced', 'Suspended', true],
  ['Synced', 'Progressing', false],
  ['Synced', 'Missing', false],
  ['OutOfSync', 'Healthy', false],
  ['NoRevision', 'Healthy', false],
];
for (const [sync, health, is] of settled) {
  test(`${sync} and ${health} is ${is ? '' : 'not '}settled`, (t) =>
    t.is(isSettled({ ...healthy, sync, health }), is));
}

test('why an object is not in sync is told once', (t) => {
  const waits = 'Job shop/migrate, which is not ready (Running)';
  const place = 'web.yaml:9:3 immutable-field: spec.selector cannot change in place';
  const rows = (
    [
      {
        health: 'Progressing',
        reason: 'Waiting',
        message: `it waits for ${waits}`,
        syncReason: 'waits',
        syncDetail: waits,
      },
      { health: 'Healthy', syncReason: 'immutable-field', syncDetail: place },
      { health: 'Healthy', syncReason: 'terminating', syncDetail: 'it is being deleted' },
    ] as const
  ).map((object) => {
    const whole = { ...web, sync: 'Blocked' as const, path: 'web.yaml', commit: null, ...object };
    const text = stripVTControlCharacters(statusText({ ...healthy, objects: [whole] }, { colour: false }));
    return text
      .split('\n')
      .find((line) => line.includes('Deployment shop/web'))
      ?.replace(/ +/g, ' ');
  });
  t.deepEqual(rows, [
    `Progressing Deployment shop/web Waiting: it waits for ${waits} Blocked`,
    `Healthy Deployment shop/web Blocked: ${place}`,
    'Healthy Deployment shop/web Blocked: terminating, it is being deleted',
  ]);
});
