import test from 'ava';
import type { JsonObject } from '../../base/json.ts';
import { isObject } from '../../base/json.ts';
import { servedApi } from '../../testing/served-api.ts';

const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'a', image: 'a' }] } };
const JOBS = '/apis/batch/v1/namespaces/default/jobs';
const CONTROLLERS = '/api/v1/namespaces/default/replicationcontrollers';
const SETS = '/apis/apps/v1/namespaces/default/replicasets';

const rows: readonly {
  readonly title: string;
  readonly at: string;
  readonly spec: JsonObject;
  readonly body?: JsonObject;
  readonly twice?: JsonObject;
  /** What it waits for; null: it is gone. */
  readonly finalizers: readonly string[] | null;
  readonly warns: boolean;
}[] = [
  {
    title: 'a Job leaves its pods behind, and says so',
    at: JOBS,
    spec: { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } },
    finalizers: ['orphan'],
    warns: true,
  },
  {
    title: 'a Job that is told how does as it is told',
    at: JOBS,
    spec: { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } },
    body: { propagationPolicy: 'Background' },
    finalizers: null,
    warns: false,
  },
  {
    title: 'a ReplicationController leaves its pods behind',
    at: CONTROLLERS,
    spec: { template },
    finalizers: ['orphan'],
    warns: false,
  },
  {
    title: 'one that is on its way already goes on as it began',
    at: CONTROLLERS,
    spec: { template },
    body: { propagationPolicy: 'Foreground' },
    twice: {},
    finalizers: ['foregroundDeletion'],
    warns: false,
  },
  {
    title: 'a ReplicaSet takes its pods along',
    at: SETS,
    spec: { template, selector: { matchLabels: { app: 'a' } } },
    finalizers: null,
    warns: false,
  },
];
for (const { title, at, spec, body = {}, twice, finalizers, warns } of rows) {
  test(`deleted without a word: ${title}`, async (t) => {
    const api = await servedApi(t);
    await api.ask(`POST ${at}`, { body: { metadata: { name: 'a' }, spec } });
    const first = await api.ask(`DELETE ${at}/a`, { body });
    if (twice !== undefined) await api.ask(`DELETE ${at}/a`, { body: twice });
    const left = await api.ask(`GET ${at}/a`);
    const { metadata } = left.body;
    t.deepEqual(isObject(metadata) ? (metadata.finalizers ?? null) : null, finalizers);
    t.is(/child pods are preserved/.test(String(first.headers.warning ?? '')), warns);
  });
}
