import test from 'ava';
import { LOCAL_PROVISIONER } from '../../schema/local-volume.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '../../schema/types.gen.ts';
import { explainPlacement } from '../../testing/explain-placement.ts';
import { testClaim, testClass, testNode, testPod, testVolume } from '../../testing/scheduled-objects.ts';
import { decideScheduling } from '../decide.ts';

type Row = {
  readonly title: string;
  readonly claims?: readonly PersistentVolumeClaim[];
  readonly volumes?: readonly PersistentVolume[];
  readonly classes?: readonly StorageClass[];
  readonly others?: readonly { readonly pod: Pod; readonly nodeName: string }[];
  readonly pod?: Pod;
  /** Of the nodes a and b, in zone-a and zone-b; 'ok': it can take the pod. */
  readonly says: readonly [a: string, b: string];
};

const both = (text: string): Row['says'] => [text, text];
const CONFLICT = 'node(s) had volume node affinity conflict';
const NONE = "node(s) didn't find available persistent volumes to bind";
const late = testClass('late');
const here = testClass('late', { provisioner: LOCAL_PROVISIONER });

const rows: readonly Row[] = [
  { title: 'a claim that is not there', says: both('persistentvolumeclaim "data" not found') },
  {
    title: 'a claim on its way out',
    claims: [testClaim('data', { deleting: true })],
    says: both('persistentvolumeclaim "data" is being deleted'),
  },
  {
    title: 'a claim that waits for nobody and has no volume yet',
    claims: [testClaim('data')],
    classes: [testClass('late', { immediate: true })],
    says: both('pod has unbound immediate PersistentVolumeClaims'),
  },
  {
    title: 'a claim of a class that is not there',
    claims: [testClaim('data')],
    says: both('pod has unbound immediate PersistentVolumeClaims'),
  },
  {
    title: 'a bound volume that is reached from everywhere',
    claims: [testClaim('data', { volumeName: 'v' })],
    volumes: [testVolume('v')],
    says: both('ok'),
  },
  {
    title: 'a bound volume of one node',
    claims: [testClaim('data', { volumeName: 'v' })],
    volumes: [testVolume('v', { hosts: ['b'] })],
    says: [CONFLICT, 'ok'],
  },
  {
    title: 'a bound volume that is gone',
    claims: [testClaim('data', { volumeName: 'v' })],
    says: both('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'),
  },
  {
    title: 'a bound volume of a zone',
    claims: [testClaim('data', { volumeName: 'v' })],
    volumes: [testVolume('v', { labels: { 'topology.kubernetes.io/zone': 'zone-b__zone-c' } })],
    says: ['node(s) had no available volume zone', 'ok'],
  },
  {
    title: 'a claim that waits: a volume there is on one node only',
    claims: [testClaim('data')],
    volumes: [testVolume('v', { hosts: ['a'] })],
    classes: [late],
    says: ['ok', NONE],
  },
  {
    title: 'a claim that waits: one is made wherever the pod goes',
    claims: [testClaim('data')],
    classes: [here],
    says: both('ok'),
  },
  {
    title: 'a claim that waits: one is made in some zones only',
    claims: [testClaim('data')],
    classes: [
      {
        ...here,
        allowedTopologies: [
          { matchLabelExpressions: [{ key: 'topology.kubernetes.io/zone', values: ['zone-b'] }] },
        ],
      },
    ],
    says: [NONE, 'ok'],
  },
  {
    title: 'a claim that waits: nobody here is its provisioner',
    claims: [testClaim('data')],
    classes: [testClass('late', { provisioner: 'ebs.csi.aws.com' })],
    says: both(NONE),
  },
  {
    title: 'a claim whose node was chosen before',
    claims: [testClaim('data', { selected: 'b' })],
    classes: [here],
    says: [NONE, 'ok'],
  },
  {
    title: 'a claim whose node has gone since',
    claims: [testClaim('data', { selected: 'gone' })],
    classes: [here],
    says: both('ok'),
  },
  {
    title: 'two claims and one volume',
    claims: [testClaim('data'), testClaim('more')],
    volumes: [testVolume('v')],
    classes: [late],
    pod: testPod('p', { claims: ['data', 'more'] }),
    says: both(NONE),
  },
  {
    title: 'a claim of one pod that another pod has, wherever',
    claims: [testClaim('data', { volumeName: 'v', accessModes: ['ReadWriteOncePod'] })],
    volumes: [testVolume('v')],
    others: [{ pod: testPod('o', { claims: ['data'] }), nodeName: 'b' }],
    says: both(
      'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode',
    ),
  },
  {
    title: 'the claim of an ephemeral volume has the name of pod and volume',
    pod: testPod('p', { volumes: [{ name: 'tmp', ephemeral: { volumeClaimTemplate: { spec: {} } } }] }),
    says: both('persistentvolumeclaim "p-tmp" not found'),
  },
];

const nodes = ['a', 'b'].map((name) =>
  testNode(name, { labels: { 'topology.kubernetes.io/zone': `zone-${name}` } }),
);

for (const { title, others = [], pod = testPod('p', { claims: ['data'] }), says, ...storage } of rows) {
  test(`volumes: ${title}`, (t) => {
    const verdicts = explainPlacement({ nodes, assigned: others, ...storage }, pod);
    t.deepEqual(
      verdicts.map(({ filter, reasons }) => (filter === null ? 'ok' : reasons.join())),
      [...says],
    );
  });
}

test('volumes: pods decided together never take one volume', (t) => {
  const { bindings, unschedulable } = decideScheduling({
    nodes,
    assigned: [],
    pending: ['p', 'q', 'r'].map((name) => testPod(name, { claims: [`of-${name}`] })),
    claims: ['p', 'q', 'r'].map((name) => testClaim(`of-${name}`)),
    volumes: [testVolume('v1', { hosts: ['a'] }), testVolume('v2', { hosts: ['b'] })],
    classes: [late],
  });
  t.deepEqual(
    bindings
      .map(({ nodeName, volumes }) => [nodeName, volumes.map(({ volume }) => volume).join()])
      .toSorted(),
    [
      ['a', 'v1'],
      ['b', 'v2'],
    ],
  );
  t.is(unschedulable.length, 1);
});
