import test from 'ava';
import fc from 'fast-check';
import { deepEqual, type JsonObject } from '../base/json.ts';
import { arbitraryObject } from '../testing/arbitrary-object.ts';
import { tries } from '../testing/thoroughness.ts';
import { builtinSchema } from './builtin-schema.ts';
import { checkShape } from './check-shape.ts';
import { applyDefaults } from './defaults.ts';
import type { KubeObject } from './object.ts';

const schema = builtinSchema();
const metadata = { name: 'a' };

const containerDefaults = {
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  imagePullPolicy: 'Always',
  resources: {},
};
const podDefaults = {
  restartPolicy: 'Always',
  dnsPolicy: 'ClusterFirst',
  schedulerName: 'default-scheduler',
  terminationGracePeriodSeconds: 30,
  enableServiceLinks: true,
  securityContext: {},
};
/** Not said in templates: their pods say it. */
const { enableServiceLinks: _ofPods, ...templateDefaults } = podDefaults;
const container = { name: 'c', image: 'host' };
const filled = { ...container, ...containerDefaults };
const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [container] } };
const filledTemplate = {
  metadata: { labels: { app: 'a' } },
  spec: { containers: [filled], ...templateDefaults },
};
const selector = { matchLabels: { app: 'a' } };

type Case = { apiVersion?: string; kind: string; written: JsonObject; expected: JsonObject };
const cases: Record<string, Case> = {
  'a Pod': {
    kind: 'Pod',
    written: { spec: { containers: [container] } },
    expected: { spec: { containers: [filled], ...podDefaults } },
  },
  'pull policy by tag': {
    kind: 'Pod',
    written: {
      spec: {
        containers: [
          { name: 'a', image: 'r.example.com:5000/x' },
          { name: 'b', image: 'x:1' },
          { name: 'c', image: 'x:latest' },
          { name: 'd', image: 'x@sha256:00' },
        ],
      },
    },
    expected: {
      spec: {
        ...podDefaults,
        containers: [
          { ...containerDefaults, name: 'a', image: 'r.example.com:5000/x', imagePullPolicy: 'Always' },
          { ...containerDefaults, name: 'b', image: 'x:1', imagePullPolicy: 'IfNotPresent' },
          { ...containerDefaults, name: 'c', image: 'x:latest', imagePullPolicy: 'Always' },
          { ...containerDefaults, name: 'd', image: 'x@sha256:00', imagePullPolicy: 'IfNotPresent' },
        ],
      },
    },
  },
  'requests from limits, on a Pod': {
    kind: 'Pod',
    written: {
      spec: {
        containers: [
          { ...container, resources: { limits: { cpu: 1, memory: '1024Mi' }, requests: { cpu: '0.5' } } },
        ],
      },
    },
    expected: {
      spec: {
        ...podDefaults,
        containers: [
          {
            ...filled,
            resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m', memory: '1Gi' } },
          },
        ],
      },
    },
  },
  'no requests from limits in a template; zero means absent where the field is no pointer': {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    written: {
      spec: {
        minReadySeconds: 0,
        replicas: 0,
        selector,
        template: {
          metadata: { labels: { app: 'a' }, annotations: {}, creationTimestamp: null },
          spec: {
            hostNetwork: false,
            containers: [{ ...container, resources: { limits: { cpu: '1.5m' } } }],
          },
        },
      },
    },
    expected: {
      spec: {
        replicas: 0,
        selector,
        template: {
          ...filledTemplate,
          spec: { ...templateDefaults, containers: [{ ...filled, resources: { limits: { cpu: '2m' } } }] },
        },
      },
    },
  },
  'probes, hooks, ports and variables': {
    kind: 'Pod',
    written: {
      spec: {
        hostNetwork: true,
        containers: [
          {
            ...container,
            ports: [{ containerPort: 80 }],
            env: [{ name: 'N', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
            livenessProbe: { httpGet: { port: 80 }, periodSeconds: 0 },
            readinessProbe: { grpc: { port: 1 }, failureThreshold: 1 },
            lifecycle: { preStop: { httpGet: { port: 80, path: '/bye' } } },
          },
        ],
      },
    },
    expected: {
      spec: {
        ...podDefaults,
        hostNetwork: true,
        containers: [
          {
            ...filled,
            ports: [{ containerPort: 80, protocol: 'TCP', hostPort: 80 }],
            env: [{ name: 'N', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } }],
            livenessProbe: {
              httpGet: { port: 80, path: '/', scheme: 'HTTP' },
              timeoutSeconds: 1,
              periodSeconds: 10,
              successThreshold: 1,
              failureThreshold: 3,
            },
            readinessProbe: {
              grpc: { port: 1, service: '' },
              timeoutSeconds: 1,
              periodSeconds: 10,
              successThreshold: 1,
              failureThreshold: 1,
            },
            lifecycle: { preStop: { httpGet: { port: 80, path: '/bye', scheme: 'HTTP' } } },
          },
        ],
      },
    },
  },
  volumes: {
    kind: 'Pod',
    written: {
      spec: {
        serviceAccount: 'builder',
        containers: [container],
        volumes: [
          { name: 'none' },
          { name: 's', secret: { secretName: 'x' } },
          { name: 'c', configMap: { name: 'x', defaultMode: 0o600 } },
          { name: 'h', hostPath: { path: '/x' } },
          {
            name: 'p',
            projected: {
              sources: [
                { serviceAccountToken: { path: 't' } },
                { downwardAPI: { items: [{ path: 'n', fieldRef: { fieldPath: 'metadata.name' } }] } },
              ],
            },
          },
        ],
      },
    },
    expected: {
      spec: {
        ...podDefaults,
        serviceAccount: 'builder',
        serviceAccountName: 'builder',
        containers: [filled],
        volumes: [
          { name: 'none', emptyDir: {} },
          { name: 's', secret: { secretName: 'x', defaultMode: 0o644 } },
          { name: 'c', configMap: { name: 'x', defaultMode: 0o600 } },
          { name: 'h', hostPath: { path: '/x', type: '' } },
          {
            name: 'p',
            projected: {
              defaultMode: 0o644,
              sources: [
                { serviceAccountToken: { path: 't', expirationSeconds: 3600 } },
                {
                  downwardAPI: {
                    items: [{ path: 'n', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } }],
                  },
                },
              ],
            },
          },
        ],
      },
    },
  },
  'a Deployment': {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    written: { spec: { selector, template } },
    expected: {
      spec: {
        selector,
        template: filledTemplate,
        replicas: 1,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
      },
    },
  },
  'a Deployment that is recreated': {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    written: { spec: { selector, template, replicas: 0, strategy: { type: 'Recreate' } } },
    expected: {
      spec: {
        selector,
        template: filledTemplate,
        replicas: 0,
        strategy: { type: 'Recreate' },
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
      },
    },
  },
  'a Job that says nothing runs once': {
    apiVersion: 'batch/v1',
    kind: 'Job',
    written: { spec: { template } },
    expected: {
      metadata: { name: 'a', labels: { app: 'a' } },
      spec: {
        template: filledTemplate,
        completions: 1,
        parallelism: 1,
        backoffLimit: 6,
        completionMode: 'NonIndexed',
        suspend: false,
        podReplacementPolicy: 'TerminatingOrFailed',
      },
    },
  },
  'a Job that is a work queue': {
    apiVersion: 'batch/v1',
    kind: 'Job',
    written: {
      metadata: { name: 'a', labels: { own: 'l' } },
      spec: { template, parallelism: 3, backoffLimitPerIndex: 1 },
    },
    expected: {
      metadata: { name: 'a', labels: { own: 'l' } },
      spec: {
        template: filledTemplate,
        parallelism: 3,
        backoffLimitPerIndex: 1,
        backoffLimit: 2147483647,
        completionMode: 'NonIndexed',
        suspend: false,
        podReplacementPolicy: 'TerminatingOrFailed',
      },
    },
  },
  'a CronJob, whose Job waits for its own defaults': {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    written: {
      spec: { schedule: '* * * * *', jobTemplate: { spec: { template } }, successfulJobsHistoryLimit: 0 },
    },
    expected: {
      spec: {
        schedule: '* * * * *',
        jobTemplate: { spec: { template: filledTemplate } },
        concurrencyPolicy: 'Allow',
        suspend: false,
        successfulJobsHistoryLimit: 0,
        failedJobsHistoryLimit: 1,
      },
    },
  },
  'an autoscaler without metrics': {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    written: { spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'a' } } },
    expected: {
      spec: {
        maxReplicas: 3,
        minReplicas: 1,
        scaleTargetRef: { kind: 'Deployment', name: 'a' },
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
          },
        ],
      },
    },
  },
  'an autoscaler whose policies replace the usual ones': {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    written: {
      spec: {
        maxReplicas: 3,
        metrics: [{ type: 'Resource' }],
        behavior: { scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: 5 }] } },
      },
    },
    expected: {
      spec: {
        maxReplicas: 3,
        minReplicas: 1,
        metrics: [{ type: 'Resource' }],
        behavior: {
          scaleUp: {
            stabilizationWindowSeconds: 0,
            selectPolicy: 'Max',
            policies: [{ type: 'Pods', value: 1, periodSeconds: 5 }],
          },
          scaleDown: { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
        },
      },
    },
  },
  'a Service': {
    kind: 'Service',
    written: { spec: { ports: [{ port: 80 }, { port: 81, name: 'b', targetPort: 'web' }] } },
    expected: {
      spec: {
        type: 'ClusterIP',
        sessionAffinity: 'None',
        internalTrafficPolicy: 'Cluster',
        ports: [
          { port: 80, protocol: 'TCP', targetPort: 80 },
          { port: 81, name: 'b', protocol: 'TCP', targetPort: 'web' },
        ],
      },
    },
  },
  'a Secret': {
    kind: 'Secret',
    written: { data: { a: 'eA==' }, stringData: { a: 'over', b: 'ü' } },
    expected: { type: 'Opaque', data: { a: 'b3Zlcg==', b: 'w7w=' } },
  },
  'a Node without a spec': {
    kind: 'Node',
    written: {},
    expected: { spec: {} },
  },
  'a Namespace': {
    kind: 'Namespace',
    written: {},
    expected: { metadata: { name: 'a', labels: { 'kubernetes.io/metadata.name': 'a' } } },
  },
  'a NetworkPolicy for both ways': {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    written: { spec: { podSelector: {}, egress: [{ ports: [{ port: 1 }] }] } },
    expected: {
      spec: {
        podSelector: {},
        egress: [{ ports: [{ port: 1, protocol: 'TCP' }] }],
        policyTypes: ['Ingress', 'Egress'],
      },
    },
  },
};
for (const [title, { apiVersion = 'v1', kind, written, expected }] of Object.entries(cases))
  test(`defaults of ${title}`, (t) => {
    const object = { apiVersion, kind, metadata, ...written } as KubeObject;
    const before = JSON.stringify(object);
    t.deepEqual<unknown, unknown>(applyDefaults(schema, object), { apiVersion, kind, metadata, ...expected });
    t.is(JSON.stringify(object), before, 'what was given stays as it was');
  });

test('an object of an unknown kind is left alone', (t) => {
  const object = { apiVersion: 'example.com/v1', kind: 'Own', metadata };
  t.is(applyDefaults(schema, object), object);
});

test('property: any object of the right shape can be defaulted, twice is once, and it keeps its shape', (t) => {
  fc.assert(
    fc.property(arbitraryObject(schema), (object) => {
      fc.pre(checkShape(schema, object).length === 0);
      const once = applyDefaults(schema, object as KubeObject);
      const twice = applyDefaults(schema, once);
      return deepEqual(once, twice) && checkShape(schema, once).length === 0;
    }),
    { numRuns: tries(600) },
  );
  t.pass();
});
