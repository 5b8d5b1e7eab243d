import test from 'ava';
import { calmBehaviour } from '../../runtime/simulated/simulated-behaviour.ts';
import { type SimulatedState, simulatedState } from '../../runtime/simulated/simulated-state.ts';
import type { KubeObject } from '../../schema/object.ts';
import { type MemoryDisk, memoryDisk } from '../memory-disk.ts';
import { invariants } from './invariants.ts';

const NOW = Date.UTC(2026, 0, 5);
const DESIRED = 'deployment.kubernetes.io/desired-replicas';
const PLURALS: Readonly<Record<string, string>> = {
  Pod: '//pods',
  Node: '//nodes',
  Job: '/batch/jobs',
  ReplicaSet: '/apps/replicasets',
  Deployment: '/apps/deployments',
};

function object(kind: string, name: string, more: object, metadata: object = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind,
    metadata: { name, uid: name, namespace: 'default', ...metadata },
    ...more,
  };
}
const owned = (kind: string, name: string) => ({
  ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid: name, controller: true }],
});
const set = (name: string, replicas: number, desired = 3): KubeObject =>
  object(
    'ReplicaSet',
    name,
    { spec: { replicas } },
    { ...owned('Deployment', 'web'), annotations: { [DESIRED]: `${desired}` } },
  );
const deployment = (rollingUpdate: object | null): KubeObject =>
  object('Deployment', 'web', {
    spec: { replicas: 3, strategy: rollingUpdate === null ? { type: 'Recreate' } : { rollingUpdate } },
  });
type Wish = {
  readonly ready?: boolean;
  readonly gone?: boolean;
  readonly phase?: string;
  readonly node?: string;
};
const pod = (name: string, kind: string, owner: string, wish: Wish = {}): KubeObject =>
  object(
    'Pod',
    name,
    {
      spec: {
        ...(wish.node !== undefined && { nodeName: wish.node }),
        containers: [{ name: 'main', resources: { requests: { cpu: '600m' } } }],
      },
      status: {
        phase: wish.phase ?? 'Running',
        conditions: [
          {
            type: 'Ready',
            status: wish.ready === false ? 'False' : 'True',
            lastTransitionTime: '2026-01-04T00:00:00Z',
          },
        ],
      },
    },
    {
      ...owned(kind, owner),
      labels: { 'pod-template-hash': owner },
      ...(wish.gone === true && { deletionTimestamp: '2026-01-05T00:00:00Z' }),
    },
  );
const job = (succeeded: number, parallelism = 2): KubeObject =>
  object('Job', 'run', { spec: { parallelism, completions: 3 }, status: { succeeded } });
const node = object('Node', 'node-1', { status: { allocatable: { cpu: '1', pods: '9' } } });

function diskOf(objects: readonly KubeObject[]): MemoryDisk {
  const entries = objects
    .map((each) => {
      const key = `${PLURALS[each.kind]}/default/${each.metadata.name}`;
      return { key, value: Buffer.from(JSON.stringify(each)), revision: 1 };
    })
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  return memoryDisk({ start: { revision: 1, entries } });
}

/** What is wrong once the second came after the first, and all that is looked at is `apartMs` apart. */
function faultsOf(
  moments: readonly (readonly KubeObject[])[],
  machine: SimulatedState = simulatedState(),
): readonly string[] {
  const held = invariants();
  for (const [at, objects] of moments.entries()) held.look(diskOf(objects), machine, NOW + at * 5_000);
  return [...held.faults];
}

const rolling = deployment({ maxSurge: 1, maxUnavailable: 0 });
const three = ['a', 'b', 'c'].map((name) => pod(name, 'ReplicaSet', 'one'));

const cases: readonly {
  readonly title: string;
  readonly moments: readonly (readonly KubeObject[])[];
  readonly fault: RegExp | null;
}[] = [
  {
    title: 'a ReplicaSet as large as it should be is well',
    moments: [
      [rolling, set('one', 3)],
      [rolling, set('one', 3), ...three],
    ],
    fault: null,
  },
  {
    title: 'a ReplicaSet that makes one pod too many',
    moments: [[set('one', 2)], [set('one', 2), ...three]],
    fault: /ReplicaSet one: 3 pods/,
  },
  {
    title: 'a ReplicaSet that stops a pod it needs',
    moments: [
      [set('one', 3), ...three],
      [set('one', 3), ...three.slice(1), pod('a', 'ReplicaSet', 'one', { gone: true })],
    ],
    fault: /stopped pods/,
  },
  {
    title: 'a Deployment that grows past its surge',
    moments: [
      [rolling, set('one', 3), ...three],
      [rolling, set('one', 3), set('two', 2), ...three],
    ],
    fault: /5 pods, 4 allowed/,
  },
  {
    title: 'a Deployment that takes available pods below its budget',
    moments: [
      [rolling, set('one', 3), set('two', 1), ...three],
      [rolling, set('one', 2), set('two', 1), ...three],
    ],
    fault: /leaves 2 ready, 3 at least/,
  },
  {
    title: 'a Deployment that takes what is not ready harms nobody',
    moments: [
      [
        rolling,
        set('one', 3),
        set('two', 1),
        ...three.slice(1),
        pod('a', 'ReplicaSet', 'one', { ready: false }),
      ],
      [
        rolling,
        set('one', 2),
        set('two', 1),
        ...three.slice(1),
        pod('a', 'ReplicaSet', 'one', { ready: false }),
      ],
    ],
    fault: null,
  },
  {
    title: 'two templates at once under Recreate',
    moments: [
      [
        deployment(null),
        set('one', 1),
        set('two', 1),
        pod('a', 'ReplicaSet', 'one'),
        pod('b', 'ReplicaSet', 'two'),
      ],
    ],
    fault: /2 templates under Recreate/,
  },
  {
    title: 'a success that is counted twice',
    moments: [
      [job(0), pod('a', 'Job', 'run', { phase: 'Succeeded' })],
      [job(2), pod('a', 'Job', 'run', { phase: 'Succeeded' })],
    ],
    fault: /2 successes counted of 1/,
  },
  {
    title: 'a success that is forgotten',
    moments: [[job(1), pod('a', 'Job', 'run', { phase: 'Succeeded' })], [job(0)]],
    fault: /fall to 0/,
  },
  {
    title: 'a Job with more pods than its parallelism',
    moments: [[job(0)], [job(0), ...['a', 'b', 'c'].map((name) => pod(name, 'Job', 'run'))]],
    fault: /3 pods at once, 2 allowed/,
  },
  {
    title: 'a node on which more is bound than it has',
    moments: [[node], [node, ...['a', 'b'].map((name) => pod(name, 'Job', 'run', { node: 'node-1' }))]],
    fault: /1200m CPU bound of 1/,
  },
  {
    title: 'two pods of a DaemonSet on one node',
    moments: [['a', 'b'].map((name) => pod(name, 'DaemonSet', 'each', { node: 'node-1' }))],
    fault: /DaemonSet: 2 pods/,
  },
];
for (const { title, moments, fault } of cases)
  test(`seen by who looks on: ${title}`, (t) => {
    const faults = faultsOf(moments).join('; ');
    if (fault === null) t.is(faults, '');
    else t.regex(faults, fault);
  });

test('two running containers of one ordinal are seen, though the API has but one pod', (t) => {
  const machine = simulatedState();
  for (const uid of ['first', 'second']) {
    const times = {
      startsAtMs: NOW - 1,
      endsAtMs: Number.POSITIVE_INFINITY,
      exitCode: 0,
      signal: null,
      pid: 1,
    };
    const id = `${uid}.main.0`;
    machine.containers.set(id, {
      id,
      podUid: uid,
      container: 'main',
      attempt: 0,
      behaviour: calmBehaviour,
      ...times,
    });
  }
  const member = (uid: string): KubeObject => ({
    ...pod('db-0', 'StatefulSet', 'db'),
    metadata: { ...pod('db-0', 'StatefulSet', 'db').metadata, uid },
  });
  t.regex(faultsOf([[member('first')], [member('second')]], machine).join(), /two of db-0 run/);
});
