import test from 'ava';
import { builtinSchema } from './builtin-schema.ts';
import { convertToStored } from './conversion.ts';
import { servedForm } from './served-form.ts';

const metadata = { name: 'web', namespace: 'shop' };

test('an autoscaler of v1 comes back as it was written', (t) => {
  const written = {
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata,
    spec: {
      scaleTargetRef: { kind: 'Deployment', name: 'web' },
      maxReplicas: 3,
      targetCPUUtilizationPercentage: 50,
    },
  };
  const { object } = convertToStored(builtinSchema(), written);
  if (object === undefined) return t.fail();
  t.is(object.apiVersion, 'autoscaling/v2');
  const status = {
    currentReplicas: 1,
    desiredReplicas: 2,
    currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 80 } } }],
  };
  t.deepEqual(servedForm({ ...object, status }, 'autoscaling/v1'), {
    ...written,
    status: { currentReplicas: 1, desiredReplicas: 2, currentCPUUtilizationPercentage: 80 },
  });
});

test('an event of events.k8s.io has the names of that group', (t) => {
  const event = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata,
    involvedObject: { kind: 'Pod', name: 'web' },
    message: 'it runs',
    reason: 'Started',
    type: 'Normal',
    source: { component: 'kubelet' },
    count: 2,
  };
  t.deepEqual(servedForm(event, 'events.k8s.io/v1'), {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata,
    regarding: { kind: 'Pod', name: 'web' },
    note: 'it runs',
    reason: 'Started',
    type: 'Normal',
    deprecatedSource: { component: 'kubelet' },
    deprecatedCount: 2,
    reportingController: 'kubelet',
  });
});

test('any other kind changes its apiVersion only, and none in the version it is stored in', (t) => {
  const lease = { apiVersion: 'example.com/v1', kind: 'Thing', metadata, spec: { a: 1 } };
  t.is(servedForm(lease, 'example.com/v1'), lease);
  t.deepEqual(servedForm(lease, 'example.com/v2'), { ...lease, apiVersion: 'example.com/v2' });
});

test('an autoscaler loses nothing on its way through v1', (t) => {
  const schema = builtinSchema();
  const cpu = {
    type: 'Resource',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } },
  };
  const memory = {
    type: 'Resource',
    resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } },
  };
  const spec = {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    maxReplicas: 3,
    metrics: [memory, cpu],
    behavior: { scaleDown: { stabilizationWindowSeconds: 5 } },
  };
  const object = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web', annotations: { a: 'b' } },
    spec,
  };
  const there = servedForm(object, 'autoscaling/v1');
  t.like(there.spec, { targetCPUUtilizationPercentage: 60 });
  const back = convertToStored(schema, there).object;
  t.deepEqual<unknown, unknown>(back?.spec, spec);
  t.deepEqual(back?.metadata, object.metadata);
});
