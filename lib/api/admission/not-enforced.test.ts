import test from 'ava';
import type { KubeObject } from '../../schema/object.ts';
import type { PodSpec } from '../../schema/types.gen.ts';
import { pod, tester } from '../../testing/client-contract.ts';
import { localApi } from '../../testing/local-api.ts';

const rows: readonly { readonly object: KubeObject; readonly says: readonly string[] }[] = [
  {
    object: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'deny', namespace: 'default' },
      spec: { podSelector: {} },
    },
    says: ['spec is kept, and has no effect: connections between pods are not filtered.'],
  },
  {
    object: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'web', namespace: 'default' },
      spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
    },
    says: ['spec is kept, and has no effect: nothing routes requests by it.'],
  },
  {
    object: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'hooks' },
      webhooks: [],
    },
    says: ['webhooks is kept, and has no effect: webhooks are not called.'],
  },
  {
    object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } },
    says: [],
  },
];
for (const { object, says } of rows) {
  test(`whoever writes a ${object.kind} ${says.length > 0 ? 'is told that it has no effect' : 'hears nothing'}`, async (t) => {
    const { client } = await localApi();
    const warnings: string[] = [];
    const caller = { ...tester, onWarning: (text: string) => void warnings.push(text) };
    const made = await client.create(object, caller);
    t.deepEqual(warnings, says);
    await client.update({ ...made, metadata: { ...made.metadata, labels: { a: 'b' } } }, caller);
    t.deepEqual(warnings, [...says, ...says]);
  });
}

test('a policy in CEL says itself that it is not enforced', async (t) => {
  const { client } = await localApi();
  const made = await client.create(
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: 'policy' },
      spec: { matchConstraints: { resourceRules: [] }, validations: [{ expression: 'true' }] },
    },
    tester,
  );
  t.like(made, {
    status: { conditions: [{ type: 'pintle.dev/Enforced', status: 'False', reason: 'NotEnforced' }] },
  });
  const after = await client.update({ ...made, status: {} }, tester);
  t.like(after, { status: { conditions: [{ type: 'pintle.dev/Enforced' }] } });
});

test('whoever writes pods, or what makes them, is told what will not be honoured, once', async (t) => {
  const notHonoured = ({ hostname }: PodSpec): readonly string[] =>
    hostname === undefined ? [] : [`hostname ${hostname} is not applied.`];
  const { client } = await localApi({ settings: { notHonoured } });
  const warnings: string[] = [];
  const caller = { ...tester, onWarning: (text: string) => void warnings.push(text) };
  await client.create(pod('plain'), caller);
  const made = await client.create(pod('named', { hostname: 'h' }), caller);
  t.deepEqual(warnings, ['hostname h is not applied.']);
  await client.update({ ...made, metadata: { ...made.metadata, labels: { a: 'b' } } }, caller);
  t.is(warnings.length, 1, 'a write that leaves the pod alone says nothing');
});
