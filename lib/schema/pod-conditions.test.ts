import test from 'ava';
import { isPodActive, isPodAvailable, isPodReady, podAvailableAt, podReadySince } from './pod-conditions.ts';
import type { Pod } from './types.gen.ts';

const SINCE = '2026-01-01T00:00:00Z';
const AT = Date.parse(SINCE);
const pod = (ready: string | null, lastTransitionTime?: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web' },
  spec: { containers: [] },
  status: { conditions: ready === null ? [] : [{ type: 'Ready', status: ready, lastTransitionTime }] },
});

test('a pod is ready when its condition says True', (t) => {
  t.true(isPodReady(pod('True')));
  t.false(isPodReady(pod('Unknown')));
  t.false(isPodReady(pod(null)));
  t.is(podReadySince(pod('True', SINCE)), AT);
  t.is(podReadySince(pod('False', SINCE)), null);
});

test('without minReadySeconds ready is available', (t) => {
  t.true(isPodAvailable(pod('True'), 0, AT));
  t.false(isPodAvailable(pod('False'), 0, AT));
});

test('with minReadySeconds a pod is available from that second on, not before', (t) => {
  t.false(isPodAvailable(pod('True', SINCE), 10, AT + 9_999));
  t.true(isPodAvailable(pod('True', SINCE), 10, AT + 10_000));
  t.is(podAvailableAt(pod('True', SINCE), 10), AT + 10_000);
  t.false(isPodAvailable(pod('True'), 10, AT), 'nobody knows since when');
});

test('pods that ended or are being deleted are not active', (t) => {
  const running = pod('True');
  t.true(isPodActive(running));
  t.false(isPodActive({ ...running, status: { phase: 'Failed' } }));
  t.false(isPodActive({ ...running, status: { phase: 'Succeeded' } }));
  t.false(isPodActive({ ...running, metadata: { name: 'web', deletionTimestamp: SINCE } }));
});
