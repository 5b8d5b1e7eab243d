import test from 'ava';
import type { KubeObject } from './object.ts';
import { podSpecOf } from './pod-template.ts';

const spec = { containers: [{ name: 'a' }] };
const template = { metadata: { labels: { app: 'a' } }, spec };
const metadata = { name: 'x' };
const cases: Record<string, { object: KubeObject; path: string | null; labels: object | undefined }> = {
  'a Pod': {
    object: { apiVersion: 'v1', kind: 'Pod', metadata, spec },
    path: 'spec',
    labels: undefined,
  },
  'a Deployment': {
    object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { template } },
    path: 'spec.template.spec',
    labels: { app: 'a' },
  },
  'a CronJob': {
    object: {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata,
      spec: { jobTemplate: { spec: { template } } },
    },
    path: 'spec.jobTemplate.spec.template.spec',
    labels: { app: 'a' },
  },
  'a Deployment without a template': {
    object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: {} },
    path: null,
    labels: undefined,
  },
  'a Service': {
    object: { apiVersion: 'v1', kind: 'Service', metadata, spec },
    path: null,
    labels: undefined,
  },
};
for (const [title, { object, path, labels }] of Object.entries(cases))
  test(`the pods of ${title}`, (t) => {
    const found = podSpecOf(object);
    t.is(found?.path.join('.') ?? null, path);
    if (found !== null) t.is(found.spec, spec);
    t.deepEqual<unknown, unknown>(found?.metadata?.labels, labels);
  });
