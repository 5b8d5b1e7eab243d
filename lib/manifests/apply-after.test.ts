import test from 'ava';
import { builtinSchema } from '../schema/builtin-schema.ts';
import { type KubeObject, refKey } from '../schema/object.ts';
import { dependenciesOf, syncWaveOf } from './apply-after.ts';

const schema = builtinSchema();
const object = (annotations: Readonly<Record<string, string>>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'one', namespace: 'shop', annotations },
});

const table: readonly {
  readonly title: string;
  readonly text: string;
  readonly refs: readonly string[];
  readonly unreadable?: readonly string[];
}[] = [
  { title: 'the kind and the name', text: 'Deployment/db', refs: ['apps/Deployment/shop/db'] },
  { title: 'a short name', text: 'deploy/db', refs: ['apps/Deployment/shop/db'] },
  { title: 'a plural with its group', text: 'deployments.apps/db', refs: ['apps/Deployment/shop/db'] },
  { title: 'another namespace', text: 'svc/other/db', refs: ['/Service/other/db'] },
  { title: 'a kind without namespaces', text: 'namespace/other', refs: ['/Namespace//other'] },
  {
    title: 'several, each once',
    text: ' job/migrate , job/migrate,secret/keys,',
    refs: ['batch/Job/shop/migrate', '/Secret/shop/keys'],
  },
  {
    title: 'a kind that is not served yet',
    text: 'Widget.example.com/one',
    refs: ['example.com/Widget/shop/one'],
  },
  {
    title: 'a name with dots and colons',
    text: 'clusterrole/a:b.c',
    refs: ['rbac.authorization.k8s.io/ClusterRole//a:b.c'],
  },
  { title: 'nothing', text: '', refs: [] },
  { title: 'no kind', text: 'db', refs: [], unreadable: ['db'] },
  { title: 'no name', text: 'deployment/', refs: [], unreadable: ['deployment/'] },
  { title: 'an unknown kind', text: 'deploymint/db', refs: [], unreadable: ['deploymint/db'] },
  {
    title: 'a namespace where there is none',
    text: 'namespace/a/b,cm/x',
    refs: ['/ConfigMap/shop/x'],
    unreadable: ['namespace/a/b'],
  },
  { title: 'too many parts', text: 'a/b/c/d', refs: [], unreadable: ['a/b/c/d'] },
  { title: 'a kind that is only ours', text: 'source/main', refs: [], unreadable: ['source/main'] },
];

for (const { title, text, refs, unreadable = [] } of table)
  test(`depends-on: ${title}`, (t) => {
    const read = dependenciesOf(object({ 'pintle.dev/depends-on': text }), schema);
    t.deepEqual(read.refs.map(refKey), refs);
    t.deepEqual(
      read.unreadable.map((each) => each.text),
      unreadable,
    );
  });

test('depends-on: more than the bound are told', (t) => {
  const text = Array.from({ length: 70 }, (_, at) => `cm/a-${at}`).join(',');
  const { refs, unreadable } = dependenciesOf(object({ 'pintle.dev/depends-on': text }), schema);
  t.is(refs.length, 64);
  t.deepEqual(
    unreadable.map((each) => each.text),
    ['6 more'],
  );
});

test('sync-wave is an integer, 0 unless given', (t) => {
  t.is(syncWaveOf(object({})), 0);
  t.is(syncWaveOf(object({ 'pintle.dev/sync-wave': '-3' })), -3);
  t.is(syncWaveOf(object({ 'pintle.dev/sync-wave': ' 12 ' })), 12);
  for (const text of ['', 'one', '1.5', '0x10', '12345678', '1e3'])
    t.is(typeof syncWaveOf(object({ 'pintle.dev/sync-wave': text })), 'object', text);
});
