import test from 'ava';
import { minuteMs, secondMs } from '../../base/clock.ts';
import { testPod } from '../../testing/scheduled-objects.ts';
import type { FilterName } from '../filters/filter.ts';
import { backOffMs } from './back-off.ts';
import { type PendingPods, pendingPods } from './pending-pods.ts';

const names = (pods: PendingPods, now: number, countMax = 10): string =>
  pods
    .take(countMax, now)
    .map(({ metadata }) => metadata.name)
    .join(' ');
const blockers = (...filters: readonly FilterName[]): ReadonlySet<FilterName> => new Set(filters);
const cpu = blockers('NodeResourcesFit');

test('queue: a second, doubling to ten', (t) => {
  t.deepEqual(
    [1, 2, 3, 4, 5, 6, 100].map((attempts) => backOffMs(attempts) / secondMs),
    [1, 2, 4, 8, 10, 10, 10],
  );
});

test('queue: by priority, then age, then name; so many at a time, and each once', (t) => {
  const pods = pendingPods();
  pods.set(testPod('b'), 0);
  pods.set(testPod('a'), 0);
  pods.set(testPod('young', { created: '2026-02-01T00:00:00Z' }), 0);
  pods.set(testPod('urgent', { priority: 5, created: '2026-03-01T00:00:00Z' }), 0);
  t.is(names(pods, 0, 3), 'urgent a b');
  t.is(names(pods, 0), 'young');
  t.is(names(pods, 0), '');
});

test('queue: what was parked waits for what helps it, and for its back-off', (t) => {
  const pods = pendingPods();
  const pod = testPod('a');
  pods.set(pod, 0);
  t.is(names(pods, 0), 'a');
  pods.park(pod, cpu, 0);
  pods.wake('node-labels', 0);
  t.is(names(pods, 10 * secondMs), '', 'labels give no room');
  pods.wake('pod-removed', 10 * secondMs);
  t.is(names(pods, 10 * secondMs), 'a');
  pods.park(pod, cpu, 10 * secondMs);
  pods.wake('pod-removed', 10 * secondMs);
  t.is(pods.nextAt(), 12 * secondMs);
  t.is(names(pods, 12 * secondMs - 1), '');
  t.is(names(pods, 12 * secondMs), 'a');
});

test('queue: after five minutes it is tried again, should something have been missed', (t) => {
  const pods = pendingPods();
  const pod = testPod('a');
  pods.set(pod, 0);
  names(pods, 0);
  pods.park(pod, cpu, 0);
  t.is(pods.nextAt(), 5 * minuteMs);
  t.is(names(pods, 5 * minuteMs), 'a');
});

test('queue: what helps while a pod is decided on is not missed', (t) => {
  const pods = pendingPods();
  const pod = testPod('a');
  pods.set(pod, 0);
  names(pods, 0);
  pods.wake('pod-removed', 0);
  pods.park(pod, cpu, 0);
  t.is(pods.nextAt(), secondMs);
});

test('queue: gates are waited for without end, and lifted they cost no back-off', (t) => {
  const pods = pendingPods();
  const gated = testPod('a', { schedulingGates: [{ name: 'review' }] });
  pods.set(gated, 0);
  names(pods, 0);
  pods.park(gated, blockers('SchedulingGates'), 0);
  t.is(pods.nextAt(), null);
  pods.set(testPod('a'), 1);
  t.is(names(pods, 1), 'a');
});

test('queue: a status that changes gives no other try', (t) => {
  const pods = pendingPods();
  const pod = testPod('a');
  pods.set(pod, 0);
  names(pods, 0);
  pods.park(pod, cpu, 0);
  pods.set(testPod('a', { status: { phase: 'Pending' } }), 20 * secondMs);
  t.is(names(pods, 20 * secondMs), '');
  pods.set(testPod('a', { labels: { app: 'web' } }), 20 * secondMs);
  t.is(names(pods, 20 * secondMs), 'a');
});

test('queue: what is gone is not given out', (t) => {
  const pods = pendingPods();
  pods.set(testPod('a'), 0);
  pods.set(testPod('b'), 0);
  pods.delete('a');
  t.is(names(pods, 0), 'b');
  pods.delete('b');
  pods.retry('b', 0);
  t.is(pods.nextAt(), null);
});
