import test from 'ava';
import type { JsonObject } from '../../base/json.ts';
import { type PodSummary, podSummary } from './pod-status.ts';

const now = Date.parse('2026-01-01T01:00:00Z');
const running = { state: { running: {} }, ready: true, started: true, restartCount: 0 };
const waiting = (reason: string): JsonObject => ({
  state: { waiting: { reason } },
  ready: false,
  restartCount: 0,
});
const ended = (exitCode: number, reason?: string): JsonObject => ({
  state: { terminated: { exitCode, ...(reason === undefined ? {} : { reason }) } },
  ready: false,
  restartCount: 0,
});
const restarted = {
  restartCount: 3,
  lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:55:00Z' } },
};
const condition = (type: string, status = 'True', reason?: string): JsonObject => ({ type, status, reason });

type Row = {
  containers?: number;
  init?: readonly JsonObject[];
  status: JsonObject;
  metadata?: JsonObject;
  expected: Partial<PodSummary>;
};
const rows: Record<string, Row> = {
  'runs and is ready': {
    status: { phase: 'Running', containerStatuses: [running] },
    expected: { ready: '1/1', status: 'Running', restarts: '0' },
  },
  'waits for its image': {
    status: { phase: 'Pending', containerStatuses: [waiting('ContainerCreating')] },
    expected: { ready: '0/1', status: 'ContainerCreating' },
  },
  'crashes again and again': {
    status: { phase: 'Running', containerStatuses: [{ ...waiting('CrashLoopBackOff'), ...restarted }] },
    expected: { ready: '0/1', status: 'CrashLoopBackOff', restarts: '3 (5m ago)' },
  },
  'has done its work': {
    status: { phase: 'Succeeded', containerStatuses: [ended(0, 'Completed')] },
    expected: { ready: '0/1', status: 'Completed' },
  },
  'ended with a code and no reason': {
    status: { phase: 'Failed', containerStatuses: [ended(3)] },
    expected: { status: 'ExitCode:3' },
  },
  'was ended by a signal': {
    status: { phase: 'Failed', containerStatuses: [{ state: { terminated: { exitCode: 137, signal: 9 } } }] },
    expected: { status: 'Signal:9' },
  },
  'was evicted': {
    status: { phase: 'Failed', reason: 'Evicted' },
    expected: { ready: '0/1', status: 'Evicted' },
  },
  'waits for its gates': {
    status: { phase: 'Pending', conditions: [condition('PodScheduled', 'False', 'SchedulingGated')] },
    expected: { status: 'SchedulingGated' },
  },
  'has one container that ended and one that runs': {
    containers: 2,
    status: {
      phase: 'Running',
      containerStatuses: [ended(0, 'Completed'), running],
      conditions: [condition('Ready')],
    },
    expected: { ready: '1/2', status: 'Running' },
  },
  'has one container that ended and one that is not ready for Services': {
    containers: 2,
    status: { phase: 'Running', containerStatuses: [ended(0, 'Completed'), running] },
    expected: { ready: '1/2', status: 'NotReady' },
  },
  'is at its first init container': {
    init: [{ name: 'a' }, { name: 'b' }],
    status: {
      phase: 'Pending',
      initContainerStatuses: [{ name: 'a', ...running, ready: false }],
      containerStatuses: [waiting('PodInitializing')],
    },
    expected: { ready: '0/1', status: 'Init:0/2' },
  },
  'is at its second init container': {
    init: [{ name: 'a' }, { name: 'b' }],
    status: {
      phase: 'Pending',
      initContainerStatuses: [
        { name: 'a', ...ended(0) },
        { name: 'b', ...waiting('PodInitializing') },
      ],
    },
    expected: { status: 'Init:1/2' },
  },
  'has an init container that crashes': {
    init: [{ name: 'a' }],
    status: {
      phase: 'Pending',
      initContainerStatuses: [{ name: 'a', ...waiting('CrashLoopBackOff'), ...restarted }],
    },
    expected: { status: 'Init:CrashLoopBackOff', restarts: '3 (5m ago)' },
  },
  'has an init container that failed': {
    init: [{ name: 'a' }],
    status: { phase: 'Pending', initContainerStatuses: [{ name: 'a', ...ended(2) }] },
    expected: { status: 'Init:ExitCode:2' },
  },
  'counts a sidecar that is ready, and its restarts': {
    init: [{ name: 'proxy', restartPolicy: 'Always' }],
    status: {
      phase: 'Running',
      initContainerStatuses: [{ name: 'proxy', ...running, ...restarted }],
      containerStatuses: [running],
    },
    expected: { ready: '2/2', status: 'Running', restarts: '3 (5m ago)' },
  },
  'no longer counts restarts of init containers that are done': {
    init: [{ name: 'a' }],
    status: {
      phase: 'Running',
      initContainerStatuses: [{ name: 'a', ...ended(0, 'Completed'), ...restarted }],
      containerStatuses: [running],
    },
    expected: { ready: '1/1', status: 'Running', restarts: '0' },
  },
  'is being deleted': {
    metadata: { deletionTimestamp: '2026-01-01T01:00:30Z' },
    status: { phase: 'Running', containerStatuses: [running] },
    expected: { ready: '1/1', status: 'Terminating' },
  },
  'had ended before it was deleted': {
    metadata: { deletionTimestamp: '2026-01-01T01:00:30Z' },
    status: { phase: 'Succeeded', containerStatuses: [ended(0, 'Completed')] },
    expected: { status: 'Completed' },
  },
  'was on a node that is lost': {
    metadata: { deletionTimestamp: '2026-01-01T01:00:30Z' },
    status: { phase: 'Running', reason: 'NodeLost' },
    expected: { status: 'Unknown' },
  },
};
for (const [title, { containers = 1, init = [], status, metadata = {}, expected }] of Object.entries(rows))
  test(`a pod that ${title}`, (t) => {
    const spec = { containers: Array.from({ length: containers }, () => ({})), initContainers: init };
    t.like(podSummary({ metadata, spec, status }, now), expected);
  });
