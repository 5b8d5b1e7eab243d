import test from 'ava';
import { builtinSchema } from '../schema/builtin-schema.ts';
import { applyDefaults } from '../schema/defaults.ts';
import { applyJsonPatch } from '../schema/json-patch.ts';
import type { JsonPatchOperation } from '../schema/json-patch-operation.ts';
import type { KubeObject } from '../schema/object.ts';
import type { InventoryRow } from './inventory.ts';
import { deletionWarning, writeWarnings } from './ownership-warnings.ts';

const schema = builtinSchema();
const desired = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'main', image: 'host', command: ['sleep', '9'] }] },
    },
  },
};
const live: KubeObject = applyDefaults(schema, {
  ...desired,
  metadata: { ...desired.metadata, resourceVersion: '7', uid: 'u', annotations: { note: 'live' } },
});
const commit = '3f2c1ab77c0ffee0000000000000000000000000';
const row: InventoryRow = {
  source: 'main',
  ref: { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'web' },
  applied: { object: desired, commit },
  path: 'shop/web.yaml',
  document: 0,
  blob: 'b',
  good: null,
  finished: false,
};
const FROM = 'Deployment shop/web is managed by git (shop/web.yaml at commit 3f2c1ab)';

const replicas = { op: 'replace', path: '/spec/replicas', value: 5 } as const;
const restarted = {
  op: 'add',
  path: '/spec/template/metadata/annotations',
  value: { 'kubectl.kubernetes.io/restartedAt': 'now' },
} as const;

type Row = {
  readonly title: string;
  readonly operations: readonly JsonPatchOperation[];
  readonly more?: {
    readonly autoscaled?: boolean;
    readonly backedOff?: ReadonlySet<string>;
    readonly dryRun?: boolean;
  };
  readonly says: readonly string[];
};
const rows: readonly Row[] = [
  {
    title: 'a field that git sets is put back',
    operations: [replicas],
    says: [`${FROM}: spec.replicas will be put back as it says there.`],
  },
  {
    title: 'a dry run would have been',
    operations: [replicas],
    more: { dryRun: true },
    says: [`${FROM}: spec.replicas would be put back as it says there.`],
  },
  {
    title: 'a field that git does not set stays',
    operations: [{ op: 'add', path: '/spec/paused', value: true }],
    says: [`${FROM}, which does not set spec.paused: this stays.`],
  },
  {
    title: 'what is put back and what stays are told apart',
    operations: [replicas, restarted],
    says: [
      `${FROM}: spec.replicas will be put back as it says there. It does not set spec.template.metadata.annotations[kubectl.kubernetes.io/restartedAt]: that stays.`,
    ],
  },
  {
    title: 'the replicas of an HPA are its own',
    operations: [replicas],
    more: { autoscaled: true },
    says: [],
  },
  {
    title: 'an object that is left alone is not spoken of',
    operations: [
      replicas,
      { op: 'add', path: '/metadata/annotations/pintle.dev~1reconcile', value: 'disabled' },
    ],
    says: [],
  },
  {
    title: 'status and the metadata of the API are nobody’s change',
    operations: [
      { op: 'add', path: '/status', value: { replicas: 2 } },
      { op: 'replace', path: '/metadata/resourceVersion', value: '8' },
    ],
    says: [],
  },
  {
    title: 'what kubectl notes of itself is no change',
    operations: [
      {
        op: 'add',
        path: '/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration',
        value: '{}',
      },
    ],
    says: [],
  },
];
for (const { title, operations, more = {}, says } of rows) {
  test(title, (t) => {
    const after = applyJsonPatch(live, operations) as KubeObject;
    const write = {
      schema,
      row,
      before: live,
      after,
      autoscaled: false,
      backedOff: new Set<string>(),
      dryRun: false,
    };
    t.deepEqual(writeWarnings({ ...write, ...more }), says);
  });
}

test('a field that is healed too often is told to be left alone', (t) => {
  const after = applyJsonPatch(live, [replicas]) as KubeObject;
  const backedOff = new Set(['apps/Deployment/shop/web#/spec/replicas']);
  const [text = ''] = writeWarnings({
    schema,
    row,
    before: live,
    after,
    autoscaled: false,
    backedOff,
    dryRun: false,
  });
  t.true(text.startsWith(`${FROM} says otherwise: spec.replicas was put right`), text);
});

test('what is made anew is told of only where it differs', (t) => {
  const write = { schema, row, before: null, autoscaled: false, backedOff: new Set<string>(), dryRun: false };
  t.deepEqual(writeWarnings({ ...write, after: live }), []);
  const after = applyJsonPatch(live, [replicas]) as KubeObject;
  t.deepEqual(writeWarnings({ ...write, after }), [
    `${FROM}: spec.replicas will be put back as it says there.`,
  ]);
});

test('a deletion is told what comes of it', (t) => {
  const real = { dryRun: false };
  t.is(deletionWarning(row, live, real), `${FROM}: it will be made again. To delete it, remove it there.`);
  t.regex(deletionWarning({ ...row, finished: true }, live, real) ?? '', /not made again/);
  const annotations = { 'pintle.dev/reconcile': 'disabled' };
  t.is(deletionWarning(row, { ...live, metadata: { ...live.metadata, annotations } }, real), null);
});
