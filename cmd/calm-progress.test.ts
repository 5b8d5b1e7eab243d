import test from 'ava';
import type { DaemonEvent } from '../lib/daemon/control-protocol.ts';
import { calmProgress } from './calm-progress.ts';

function health(object: string, state: string, reason = ''): DaemonEvent {
  return { type: 'health', object, state, reason, message: '' };
}

function hold(object: string): DaemonEvent {
  return { type: 'hold', object, mode: 'hold', evidence: 'it crashed', goodRevisions: [] };
}

function sum(state: string, healthy: number, revision = 'a'): DaemonEvent {
  return { type: 'summary', health: state, healthy, total: 3, sync: 'Synced', revision };
}

for (const { title, events, shown } of [
  {
    title: 'what is healthy when it is first seen is not told again',
    events: [health('ConfigMap a', 'Healthy'), health('Deployment a', 'Progressing')],
    shown: [1],
  },
  {
    title: 'what becomes healthy is told',
    events: [health('Deployment a', 'Progressing'), health('Deployment a', 'Healthy')],
    shown: [0, 1],
  },
  {
    title: 'what is ill and well again is told both times',
    events: [health('Pod a', 'Healthy'), health('Pod a', 'Degraded'), health('Pod a', 'Healthy')],
    shown: [1, 2],
  },
  {
    title: 'what a hold has told is not told again',
    events: [
      hold('Deployment a'),
      health('Deployment a', 'Degraded', 'ProgressDeadlineExceeded'),
      health('Deployment b', 'Degraded', 'ProgressDeadlineExceeded'),
    ],
    shown: [0, 2],
  },
  {
    title: 'sums come when things rest',
    events: [sum('Progressing', 1), sum('Progressing', 2), sum('Healthy', 3), sum('Healthy', 3)],
    shown: [2],
  },
  {
    title: 'the same sum after a rollout is told again, and after another commit',
    events: [sum('Healthy', 3), sum('Progressing', 2), sum('Healthy', 3), sum('Healthy', 3, 'b')],
    shown: [0, 2, 3],
  },
]) {
  test(`progress is calm: ${title}`, (t) => {
    const isWorthALine = calmProgress();
    t.deepEqual(
      events.flatMap((event, at) => (isWorthALine(event) ? [at] : [])),
      shown,
    );
  });
}
