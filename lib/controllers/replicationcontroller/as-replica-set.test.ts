import test from 'ava';
import type { Pod, ReplicationController } from '../../schema/types.gen.ts';
import { decideReplicaSet } from '../replicaset/decide.ts';
import { asReplicaSet } from './as-replica-set.ts';

const kubia = (selector: Readonly<Record<string, string>> | undefined): ReplicationController => ({
  apiVersion: 'v1',
  kind: 'ReplicationController',
  metadata: { name: 'kubia', namespace: 'default', uid: 'rc' },
  spec: { replicas: 1, ...(selector && { selector }), template: { spec: { containers: [] } } },
});

const pod = (labels: Readonly<Record<string, string>>, owned: boolean): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'pod',
    uid: 'pod',
    labels,
    ...(owned && {
      ownerReferences: [
        { apiVersion: 'v1', kind: 'ReplicationController', name: 'kubia', uid: 'rc', controller: true },
      ],
    }),
  },
  spec: { containers: [] },
  status: { phase: 'Running' },
});

type Row = {
  readonly title: string;
  readonly selector?: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly owned: boolean;
  readonly does: readonly string[];
};
const rows: readonly Row[] = [
  {
    title: 'a pod with all labels of the selector is its',
    selector: { app: 'kubia' },
    labels: { app: 'kubia', env: 'debug' },
    owned: false,
    does: ['adopt'],
  },
  {
    title: 'a pod with one of two labels is not',
    selector: { app: 'kubia', env: 'prod' },
    labels: { app: 'kubia' },
    owned: false,
    does: ['create'],
  },
  {
    title: 'a pod whose label was changed is let go and replaced',
    selector: { app: 'kubia' },
    labels: { app: 'foo' },
    owned: true,
    does: ['release', 'create'],
  },
  { title: 'without a selector it takes nothing', labels: { app: 'kubia' }, owned: false, does: ['create'] },
  {
    title: 'an empty selector takes nothing',
    selector: {},
    labels: { app: 'kubia' },
    owned: false,
    does: ['create'],
  },
];
for (const { title, selector, labels, owned, does } of rows) {
  test(`a ReplicationController: ${title}`, (t) => {
    const candidates = [pod(labels, owned)];
    const replicaSet = asReplicaSet(kubia(selector));
    const { actions } = decideReplicaSet({ replicaSet, candidates, related: [] }, 0);
    t.deepEqual(
      actions.map((action) => action.do),
      does,
    );
  });
}

test('what names a ReplicationController stays its own', (t) => {
  const { apiVersion, kind, metadata } = asReplicaSet(kubia({ app: 'kubia' }));
  t.deepEqual(
    { apiVersion, kind, uid: metadata.uid },
    { apiVersion: 'v1', kind: 'ReplicationController', uid: 'rc' },
  );
});
