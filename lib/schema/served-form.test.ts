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
