import test from 'ava';
import { recordAt } from '../../runtime/simulated/simulated-state.ts';
import type { Pod } from '../../schema/types.gen.ts';
import { machineOfPods } from './machine-of-pods.ts';

const NOW = Date.UTC(2026, 0, 5);
const startedAt = '2026-01-04T23:00:00Z';

function pod(status: object, spec: object = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop', uid: 'u' },
    spec: { containers: [{ name: 'main', image: 'host' }], ...spec },
    status: { phase: 'Running', podIP: '127.97.0.2', ...status },
  };
}
const container = {
  name: 'main',
  image: 'host',
  imageID: '',
  restartCount: 2,
  containerID: 'pintle://u.main.2',
};

test('a container that runs goes on as the run that its status names', (t) => {
  const running = { ...container, ready: true, state: { running: { startedAt } } };
  const state = machineOfPods([pod({ containerStatuses: [running] })], NOW);
  const [run] = [...state.containers.values()];
  t.like(run, { id: 'u.main.2', attempt: 2, startsAtMs: Date.parse(startedAt) });
  t.is(run && recordAt(run, NOW)?.state.phase, 'running');
  t.is(state.sandboxes.get('u')?.podIP, '127.97.0.2');
});

test('one that failed before and is not well goes on failing', (t) => {
  const terminated = { exitCode: 1, startedAt, finishedAt: startedAt };
  const failing = {
    ...container,
    ready: false,
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: { terminated },
  };
  const [run] = [...machineOfPods([pod({ containerStatuses: [failing] })], NOW).containers.values()];
  t.is(run && recordAt(run, NOW)?.state.phase, 'exited');
  t.like(run?.behaviour, { exitAfterMs: 0, exitCode: 1 });
});

test('pods that are over, or have not begun, have nothing on the machine', (t) => {
  const over = pod({ phase: 'Succeeded' });
  const pending: Pod = { ...pod({}), status: { phase: 'Pending' } };
  const state = machineOfPods([over, pending], NOW);
  t.is(state.sandboxes.size + state.containers.size, 0);
});
