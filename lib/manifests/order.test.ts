import test from 'ava';
import fc from 'fast-check';
import { builtinSchema } from '../schema/builtin-schema.ts';
import type { ObjectRef } from '../schema/object.ts';
import { applyTier, inApplyOrder } from './order.ts';

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
    inApplyOrder(refs, (each) => each).map(({ kind }) => kind),
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

test('The order is one of the objects, whatever order they came in.', (t) => {
  const refs = fc.record({
    group: fc.constantFrom('', 'apps', 'batch', 'example.com', 'admissionregistration.k8s.io'),
    kind: fc.constantFrom('Namespace', 'Deployment', 'Job', 'Widget', 'ConfigMap'),
    namespace: fc.constantFrom('', 'a', 'b'),
    name: fc.constantFrom('x', 'y'),
  });
  const shuffled = fc
    .uniqueArray(refs, { selector: (each) => JSON.stringify(each) })
    .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
  fc.assert(
    fc.property(shuffled, ([all, others]) => {
      const ordered = inApplyOrder(all, (each) => each);
      t.deepEqual(
        inApplyOrder(others, (each) => each),
        ordered,
      );
      const tiers = ordered.map(applyTier);
      t.deepEqual(
        tiers,
        tiers.toSorted((a, b) => a - b),
      );
    }),
  );
});
