import test from 'ava';
import type { KubeObject } from '../../schema/object.ts';
import { rolloutRecorder } from './rollout-recorder.ts';
import { stepText } from './rollout-step.ts';

const owner = (kind: string, name: string) => ({
  ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid: `${kind}-${name}`, controller: true }],
});
const object = (kind: string, name: string, more: object = {}, metadata: object = {}): KubeObject => ({
  apiVersion: kind === 'Pod' || kind === 'Event' ? 'v1' : 'apps/v1',
  kind,
  metadata: { name, namespace: 'shop', uid: `${kind}-${name}`, ...metadata },
  ...more,
});
const deployment = object('Deployment', 'web', { spec: { replicas: 2 } });
const replicaSet = (name: string, replicas: number): KubeObject =>
  object('ReplicaSet', name, { spec: { replicas } }, owner('Deployment', 'web'));
const pod = (name: string, ready: boolean, of = 'web-1', metadata: object = {}): KubeObject =>
  object(
    'Pod',
    name,
    {
      spec: { containers: [] },
      status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
    },
    { ...owner('ReplicaSet', of), ...metadata },
  );

function standing() {
  const recorder = rolloutRecorder(1_000);
  for (const each of [deployment, replicaSet('web-1', 2), pod('a', true), pod('b', true)])
    recorder.see(each, 'there', 1_000);
  const lines = (): readonly string[] => recorder.steps().map((step) => `${step.atMs} ${stepText(step)}`);
  return { recorder, lines };
}

test('what is there before it begins is no step', (t) => {
  const { recorder, lines } = standing();
  t.deepEqual(lines(), []);
  t.like(recorder.availability(), [{ before: 2, lowest: 2, wanted: 2 }]);
});

test('pods that become ready within a second are one step of the workload that owns their owner', (t) => {
  const { recorder, lines } = standing();
  recorder.see(replicaSet('web-2', 2), 'changed', 1_500);
  for (const name of ['c', 'd']) recorder.see(pod(name, false, 'web-2'), 'changed', 2_000);
  for (const name of ['c', 'd']) recorder.see(pod(name, true, 'web-2'), 'changed', 3_000);
  t.deepEqual(lines(), [
    '500 ReplicaSet shop/web-2 from 0 to 2',
    '2000 2 pods of ReplicaSet shop/web-2 ready',
  ]);
  t.true(recorder.steps().every(({ workload }) => workload?.kind === 'Deployment'));
});

test('the lowest availability counts neither pods that are stopped nor those that stopped being ready', (t) => {
  const { recorder, lines } = standing();
  recorder.see(pod('a', true, 'web-1', { deletionTimestamp: '2026-01-05T00:00:00Z' }), 'changed', 4_000);
  recorder.see(pod('b', false), 'changed', 9_000);
  recorder.see(pod('b', true), 'changed', 9_500);
  t.deepEqual(lines(), [
    '8000 1 pod of ReplicaSet shop/web-1 no longer ready',
    '8500 1 pod of ReplicaSet shop/web-1 ready',
  ]);
  t.like(recorder.availability(), [{ before: 2, lowest: 0, lowestAtMs: 8_000 }]);
  t.is(
    recorder.leaving(
      recorder.availability()[0]?.workload ?? { group: '', kind: '', namespace: '', name: '' },
    ),
    1,
  );
});

test('why something waits is told once for each reason, whichever of its pods says so and however often', (t) => {
  const { recorder, lines } = standing();
  const waiting = (name: string, reason: string, message: string): KubeObject => ({
    ...pod(name, false),
    status: { containerStatuses: [{ name: 'main', state: { waiting: { reason, message } } }] },
  });
  recorder.see(waiting('c', 'ErrImagePull', 'no such image'), 'changed', 2_000);
  recorder.see(waiting('c', 'ImagePullBackOff', 'Back-off'), 'changed', 3_000);
  recorder.see(waiting('d', 'ErrImagePull', 'no such image'), 'changed', 4_000);
  recorder.see(waiting('d', 'CreateContainerConfigError', 'secret "s" not found'), 'changed', 5_000);
  t.deepEqual(lines(), [
    '1000 ReplicaSet shop/web-1 waits: ErrImagePull: container main: no such image',
    '4000 ReplicaSet shop/web-1 waits: CreateContainerConfigError: container main: secret "s" not found',
  ]);
});

test('an event tells why pods are not made, and which workload that stops', (t) => {
  const { recorder, lines } = standing();
  const refused = { type: 'Warning', reason: 'FailedCreate', message: 'exceeded quota: few' };
  recorder.see(
    object('Event', 'e', { ...refused, involvedObject: { uid: 'ReplicaSet-web-1' } }),
    'changed',
    2_000,
  );
  recorder.see(object('Event', 'f', { ...refused, involvedObject: { uid: 'unknown' } }), 'changed', 3_000);
  t.deepEqual(lines(), ['1000 ReplicaSet shop/web-1 waits: FailedCreate: exceeded quota: few']);
  t.is(recorder.steps()[0]?.workload?.name, 'web');
});

test('what was applied stands before what came of it at the same moment', (t) => {
  const { recorder, lines } = standing();
  recorder.see(replicaSet('web-2', 1), 'changed', 1_500);
  for (const name of ['a', 'b', 'c', 'd'])
    recorder.add({ kind: 'applied', workload: null, changes: [`patch ConfigMap shop/${name}`] }, 1_500);
  t.deepEqual(lines(), ['500 applied: 4 changes', '500 ReplicaSet shop/web-2 from 0 to 1']);
});

test('a wait is one step, whatever is said of it later; the last word of it is known', (t) => {
  const { recorder } = standing();
  const ref = { group: 'apps', kind: 'ReplicaSet', namespace: 'shop', name: 'web-1' };
  const wait = { kind: 'waits', of: ref, workload: ref, reason: 'Unschedulable' } as const;
  for (const message of ['no node', 'no room']) recorder.add({ ...wait, message }, 2_000);
  const waits = recorder.steps().flatMap((step) => (step.kind === 'waits' ? [step] : []));
  t.deepEqual(
    waits.map((step) => [step.message, recorder.lastWord(step)]),
    [['no node', 'no room']],
  );
});
