import { stripVTControlCharacters } from 'node:util';
import test from 'ava';
import type { DaemonEvent } from '../lib/daemon/control-protocol.ts';
import { progressLine } from './progress-line.ts';

const revision = '1234567890abcdef1234567890abcdef12345678';
const events: readonly {
  readonly event: DaemonEvent;
  readonly says: readonly string[];
  readonly not?: readonly string[];
}[] = [
  {
    event: { type: 'revision', revision, subject: 'Change the greeting' },
    says: ['1234567890 Change the greeting'],
    not: ['abcdef'],
  },
  {
    event: { type: 'applied', revision, created: 1, changed: 0, pruned: 2, blocked: 3 },
    says: ['1 created', '2 deleted', '3 left alone'],
    not: ['changed'],
  },
  {
    event: { type: 'applied', revision, created: 0, changed: 0, pruned: 0, blocked: 0 },
    says: ['nothing to change'],
  },
  {
    event: { type: 'object', action: 'patch', object: 'ConfigMap a', heals: true },
    says: ['~ ConfigMap a', 'drift'],
  },
  {
    event: { type: 'object', action: 'prune', object: 'ConfigMap a', heals: false },
    says: ['- ConfigMap a'],
    not: ['drift'],
  },
  {
    event: {
      type: 'health',
      object: 'Pod a',
      state: 'Degraded',
      reason: 'CrashLoopBackOff',
      message: 'back-off\n40s',
    },
    says: ['Degraded', 'Pod a', 'CrashLoopBackOff: back-off 40s'],
  },
  {
    event: { type: 'health', object: 'Pod a', state: 'Healthy', reason: '', message: '' },
    says: ['Healthy', 'Pod a'],
  },
  {
    event: { type: 'summary', healthy: 2, total: 3, health: 'Progressing', sync: 'OutOfSync', revision },
    says: ['Progressing: 2 of 3', 'OutOfSync'],
  },
  {
    event: { type: 'summary', healthy: 3, total: 3, health: 'Healthy', sync: 'Synced', revision },
    says: ['Healthy: 3 of 3'],
    not: ['Synced'],
  },
  {
    event: { type: 'summary', healthy: 0, total: 0, health: 'Healthy', sync: 'NoRevision', revision: null },
    says: ['Nothing to apply yet'],
  },
  {
    event: { type: 'problem', severity: 'error', text: 'a.yaml:1:2 rule: wrong' },
    says: ['error a.yaml:1:2 rule: wrong'],
  },
  {
    event: {
      type: 'hold',
      object: 'Deployment a',
      mode: 'hold',
      evidence: 'it crashed',
      goodRevisions: [revision],
    },
    says: ['rollout failed', 'it crashed', 'taken back to 1234567890'],
  },
  {
    event: {
      type: 'hold',
      object: 'Deployment a',
      mode: 'report',
      evidence: 'it crashed',
      goodRevisions: [],
    },
    says: ['left as it is'],
    not: ['taken back'],
  },
  {
    event: { type: 'prune-held', id: 'abc', detail: '7 of 9', approval: true },
    says: ['7 of 9', 'pintle approve abc'],
  },
  {
    event: { type: 'prune-held', id: 'abc', detail: 'a rollout first', approval: false },
    says: ['a rollout first'],
    not: ['approve'],
  },
  {
    event: { type: 'trouble', code: 'REMOTE_DOWN', message: 'no route', retried: true },
    says: ['no route', 'REMOTE_DOWN', 'tried again'],
  },
  {
    event: { type: 'trouble', code: 'FOREIGN_STATUS_BRANCH', message: 'theirs', retried: false },
    says: ['theirs'],
    not: ['tried again'],
  },
];
for (const { event, says, not = [] } of events) {
  test(`${event.type}: ${says.join(', ')}`, (t) => {
    const line = progressLine(event, { colour: false });
    for (const part of says) t.true(line.includes(part), line);
    for (const part of not) t.false(line.includes(part), line);
    t.is(stripVTControlCharacters(progressLine(event, { colour: true })), line);
  });
}
