import test from 'ava';
import fc from 'fast-check';
import { builtinSchema } from '../schema/builtin-schema.ts';
import type { ObjectRef } from '../schema/object.ts';
import { applyTier, compareApplyOrder } from './order.ts';

const ref = (group: string, kind: string, name = 'a', namespace = 'shop'): ObjectRef => ({
  group,
  kind,
  namespace,
  name,
});

test('What others stand on comes first.', (t) => {
  const refs = [
    ref('networking.k8s.io', 'Ingress'),
    ref('autoscaling', 'HorizontalPodAutoscaler'),
    ref('apps', 'Deployment'),
    ref('', 'Service'),
    ref('', 'ConfigMap'),
    ref('example.com', 'Widget'),
    ref('', 'ServiceAccount'),
    ref('apiextensions.k8s.io', 'CustomResourceDefinition'),
    ref('', 'Namespace'),
    ref('admissionregistration.k8s.io', 'ValidatingWebhookConfiguration'),
  ];
  t.deepEqual(
    [...refs].sort(compareApplyOrder).map(({ kind }) => kind),
    [
      'Namespace',
      'CustomResourceDefinition',
      'ServiceAccount',
      'ConfigMap',
      'Service',
      'Deployment',
      'HorizontalPodAutoscaler',
      'Ingress',
      'Widget',
      'ValidatingWebhookConfiguration',
    ],
  );
});

test('Every kind that runs has a tier of its own, not the one of unknown kinds.', (t) => {
  const unknown = applyTier({ group: 'example.com', kind: 'Widget' });
  const without = builtinSchema()
    .kinds.filter((kind) => kind.runs && !kind.internal && !['Event', 'Node'].includes(kind.kind))
    .filter((kind) => applyTier(kind) === unknown);
  t.deepEqual(without, []);
});

test('The order is total: antisymmetric, transitive, equal only for the same object.', (t) => {
  const refs = fc.record({
    group: fc.constantFrom('', 'apps', 'batch', 'example.com', 'admissionregistration.k8s.io'),
    kind: fc.constantFrom('Namespace', 'Deployment', 'Job', 'Widget', 'ConfigMap'),
    namespace: fc.constantFrom('', 'a', 'b'),
    name: fc.constantFrom('x', 'y'),
  });
  fc.assert(
    fc.property(refs, refs, refs, (a, b, c) => {
      const ab = compareApplyOrder(a, b);
      if (Math.sign(ab) !== -Math.sign(compareApplyOrder(b, a))) return false;
      if (ab === 0) return JSON.stringify(a) === JSON.stringify(b);
      return !(ab < 0 && compareApplyOrder(b, c) < 0) || compareApplyOrder(a, c) < 0;
    }),
  );
  t.pass();
});
