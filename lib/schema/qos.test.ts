import test from 'ava';
import { readCases } from '../testing/case-file.ts';
import { podQos, type QosClass } from './qos.ts';
import type { Container, PodSpec } from './types.gen.ts';

type Input = { readonly pod: { readonly spec?: PodSpec; readonly status?: { readonly qOSClass?: string } } };

for (const [at, { name, input, expected }] of readCases<Input, { readonly qosClass: QosClass }>(
  'qos',
).entries()) {
  test(`case ${at}: ${name}`, (t) => {
    const { spec = { containers: [] }, status } = input.pod;
    t.is(podQos({ spec, status: { qosClass: status?.qOSClass } }), expected.qosClass);
  });
}

const bounded: Container = {
  name: 'a',
  resources: { requests: { cpu: '1000m', memory: '1Gi' }, limits: { cpu: '1', memory: '1024Mi' } },
};

test('amounts are compared, not texts', (t) =>
  t.is(podQos({ spec: { containers: [bounded] } }), 'Guaranteed'));

test('one unbounded container, or init container, makes the pod Burstable', (t) => {
  t.is(podQos({ spec: { containers: [bounded, { name: 'b' }] } }), 'Burstable');
  t.is(podQos({ spec: { containers: [bounded], initContainers: [{ name: 'b' }] } }), 'Burstable');
});

test('only cpu and memory count', (t) => {
  t.is(
    podQos({ spec: { containers: [{ name: 'a', resources: { requests: { gpu: '1' } } }] } }),
    'BestEffort',
  );
});
