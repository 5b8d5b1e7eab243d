import test from 'ava';
import type { NodeAgent, NodeAgents, PodUsage } from '../api/node-agent.ts';
import { minuteMs, secondMs } from '../base/clock.ts';
import { WorldError } from '../base/errors.ts';
import { conditionOf } from '../schema/conditions.ts';
import type {
  Deployment,
  Event,
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  MetricSpec,
  Pod,
} from '../schema/types.gen.ts';
import { type ControlPlane, controlPlane } from '../testing/control-plane.ts';
import { autoscalerController } from './autoscaler/controller.ts';
import { deploymentController } from './deployment/controller.ts';
import { replicaSetController } from './replicaset/controller.ts';

const POD = { group: '', kind: 'Pod' };
const DEPLOYMENT = { group: 'apps', kind: 'Deployment' };
const AUTOSCALER = { group: 'autoscaling', kind: 'HorizontalPodAutoscaler' };
const EVENT = { group: '', kind: 'Event' };

function web(replicas: number, requests: Readonly<Record<string, string>> = { cpu: '100m' }): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { name: '', labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: 'web', resources: { requests } }] },
      },
    },
  };
}

function autoscaler(spec: Partial<HorizontalPodAutoscalerSpec> = {}): HorizontalPodAutoscaler {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 2,
      maxReplicas: 10,
      metrics: [utilization(50)],
      ...spec,
    },
  };
}

function utilization(averageUtilization: number): MetricSpec {
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } };
}

/** What all pods of the Deployment use together; null: the node does not answer. */
type Load = { cpuMillis: number | null };

/** A node on which the running pods share the load. */
function sharing(load: Load, pods: () => readonly Pod[], now: () => number): NodeAgents {
  const none = (): never => {
    throw new Error('an autoscaler only asks for use');
  };
  const agent: NodeAgent = {
    nodeName: 'node-1',
    run: none,
    stop: none,
    endPods: none,
    nodeUsage: () => null,
    removeVolumeData: none,
    logs: none,
    exec: none,
    attach: none,
    forward: none,
    async stats(): Promise<readonly PodUsage[]> {
      const { cpuMillis } = load;
      if (cpuMillis === null) throw new WorldError('DOWN', 'The node is down.');
      const running = pods().filter(({ status }) => status?.phase === 'Running');
      return running.map(({ metadata }) => ({
        namespace: 'default',
        pod: metadata.name,
        atMs: now(),
        windowMs: 10 * secondMs,
        containers: [{ name: 'web', cpuMillis: cpuMillis / running.length, memoryBytes: 2 ** 20 }],
      }));
    },
  };
  return { agent: () => agent, all: () => [agent] };
}

type World = { readonly plane: ControlPlane; readonly load: Load };

async function begin(first: Deployment, ...autoscalers: readonly HorizontalPodAutoscaler[]): Promise<World> {
  const load: Load = { cpuMillis: 0 };
  let plane: ControlPlane | null = null;
  const nodes = sharing(
    load,
    () => plane?.all<Pod>(POD) ?? [],
    () => plane?.clock.now() ?? 0,
  );
  plane = await controlPlane({
    seed: 1,
    controllers: [deploymentController(), replicaSetController(), autoscalerController({ nodes })],
  });
  for (const kind of [POD, DEPLOYMENT, AUTOSCALER, EVENT]) plane.all(kind);
  await plane.apply(first);
  // What a pod uses counts once it has been up for five minutes, or has been ready for a whole sample.
  await plane.clock.run(minuteMs);
  for (const each of autoscalers) await plane.apply(each);
  return { plane, load };
}

const size = ({ plane }: World): number => plane.all<Deployment>(DEPLOYMENT)[0]?.spec.replicas ?? -1;
const said = ({ plane }: World, type: string): string => {
  const condition = conditionOf(plane.all<HorizontalPodAutoscaler>(AUTOSCALER)[0]?.status?.conditions, type);
  return `${condition?.status} ${condition?.reason}`;
};

test('load that grows brings more pods at once, load that goes takes them after five minutes', async (t) => {
  const world = await begin(web(2), autoscaler());
  const { plane, load } = world;
  load.cpuMillis = 100;
  await plane.clock.run(minuteMs);
  t.is(size(world), 2, '100m on two pods that ask for 100m each are the 50% wanted');
  t.is(said(world, 'ScalingActive'), 'True ValidMetricFound');
  t.is(said(world, 'ScalingLimited'), 'False DesiredWithinRange');

  load.cpuMillis = 380;
  await plane.clock.run(20 * secondMs);
  t.is(size(world), 6, 'four pods in fifteen seconds');
  t.is(said(world, 'ScalingLimited'), 'True ScaleUpLimit');
  await plane.clock.run(minuteMs);
  t.is(size(world), 8, 'and the rest in the next');
  const [status] = plane.all<HorizontalPodAutoscaler>(AUTOSCALER).map((each) => each.status);
  t.like(status, { currentReplicas: 8, desiredReplicas: 8 });
  t.deepEqual(status?.currentMetrics?.[0]?.resource?.current, {
    averageUtilization: 47,
    averageValue: '47m',
  });

  load.cpuMillis = 100;
  await plane.clock.run(4 * minuteMs);
  t.is(size(world), 8);
  t.is(said(world, 'AbleToScale'), 'True ScaleDownStabilized');
  await plane.clock.run(2 * minuteMs);
  t.is(size(world), 2);
  load.cpuMillis = 0;
  await plane.clock.run(10 * minuteMs);
  t.is(size(world), 2, 'never fewer than minReplicas');
  t.is(said(world, 'ScalingLimited'), 'True TooFewReplicas');
  load.cpuMillis = 10_000;
  await plane.clock.run(2 * minuteMs);
  t.is(size(world), 10, 'nor more than maxReplicas');
  t.is(said(world, 'ScalingLimited'), 'True TooManyReplicas');
  t.true(plane.all<Event>(EVENT).some(({ reason }) => reason === 'SuccessfulRescale'));
  await plane.stop();
});

test('behaviour: no more than one pod a minute, and never down', async (t) => {
  const behavior = {
    scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
    scaleDown: { selectPolicy: 'Disabled' },
  };
  const world = await begin(web(2), autoscaler({ behavior }));
  world.load.cpuMillis = 500;
  const sizes: number[] = [];
  for (let minute = 0; minute < 4; minute += 1) {
    await world.plane.clock.run(minuteMs);
    sizes.push(size(world));
  }
  t.deepEqual(sizes, [3, 4, 5, 6]);
  world.load.cpuMillis = 0;
  await world.plane.clock.run(20 * minuteMs);
  t.is(size(world), 6);
  t.is(said(world, 'ScalingLimited'), 'True ScaleDownLimit');
  await world.plane.stop();
});

test('a target outside of the bounds is brought inside, whatever the metrics say', async (t) => {
  const world = await begin(web(12), autoscaler());
  world.load.cpuMillis = null;
  await world.plane.clock.run(secondMs);
  t.is(size(world), 10);
  await world.plane.apply(autoscaler({ minReplicas: 11, maxReplicas: 12 }));
  await world.plane.clock.run(secondMs);
  t.is(size(world), 11, 'a change of its spec is looked at when it comes');
  await world.plane.stop();
});

const adapters = { type: 'AverageValue', averageValue: '1' };
const failures: readonly {
  readonly title: string;
  readonly deployment?: Deployment;
  readonly metrics: readonly MetricSpec[];
  readonly cpuMillis: number | null;
  readonly expected: string;
}[] = [
  {
    title: 'a node that does not answer',
    metrics: [utilization(50)],
    cpuMillis: null,
    expected: 'False FailedGetResourceMetric',
  },
  {
    title: 'pods that ask for nothing',
    deployment: web(4, { memory: '1Mi' }),
    metrics: [utilization(50)],
    cpuMillis: 1_000,
    expected: 'False FailedGetResourceMetric',
  },
  {
    title: 'a resource nobody measures',
    metrics: [{ type: 'Resource', resource: { name: 'ephemeral-storage', target: adapters } }],
    cpuMillis: 1_000,
    expected: 'False FailedGetResourceMetric',
  },
  {
    title: 'a metric that needs an adapter',
    metrics: [{ type: 'Pods', pods: { metric: { name: 'requests' }, target: adapters } }],
    cpuMillis: 1_000,
    expected: 'False FailedGetPodsMetric',
  },
  {
    title: 'one metric of two that fails keeps from scaling down',
    metrics: [
      utilization(50),
      { type: 'External', external: { metric: { name: 'queue' }, target: adapters } },
    ],
    cpuMillis: 10,
    expected: 'False FailedGetExternalMetric',
  },
];
for (const { title, deployment = web(4), metrics, cpuMillis, expected } of failures) {
  test(`${title}: nothing is changed, and a condition says why`, async (t) => {
    const world = await begin(deployment, autoscaler({ metrics }));
    world.load.cpuMillis = cpuMillis;
    await world.plane.clock.run(10 * minuteMs);
    t.is(size(world), 4);
    t.is(said(world, 'ScalingActive'), expected);
    await world.plane.stop();
  });
}

test('one metric of two that fails does not keep from scaling up', async (t) => {
  const other = { type: 'External', external: { metric: { name: 'queue' }, target: adapters } };
  const world = await begin(web(4), autoscaler({ metrics: [other, utilization(50)] }));
  world.load.cpuMillis = 300;
  await world.plane.clock.run(minuteMs);
  t.is(size(world), 6);
  await world.plane.stop();
});

test('one container of the pod, and memory by its amount', async (t) => {
  const memory = { type: 'AverageValue', averageValue: '512Ki' };
  const container = { name: 'cpu', container: 'web', target: { type: 'AverageValue', averageValue: '1' } };
  const metrics = [
    { type: 'ContainerResource', containerResource: container },
    { type: 'Resource', resource: { name: 'memory', target: memory } },
  ];
  const world = await begin(web(3), autoscaler({ metrics }));
  await world.plane.clock.run(10 * secondMs);
  t.is(size(world), 6, 'each uses a mebibyte, twice what is wanted');
  const status = world.plane.all<HorizontalPodAutoscaler>(AUTOSCALER)[0]?.status;
  t.deepEqual(status?.currentMetrics, [
    {
      type: 'ContainerResource',
      containerResource: { name: 'cpu', container: 'web', current: { averageValue: '0' } },
    },
    { type: 'Resource', resource: { name: 'memory', current: { averageValue: '1048576' } } },
  ]);
  await world.plane.stop();
});

test('no target, a target without replicas, and a target of somebody else: each is said', async (t) => {
  const world = await begin(web(4), autoscaler());
  const { plane } = world;
  const to = (kind: string, name: string): Partial<HorizontalPodAutoscalerSpec> => ({
    scaleTargetRef: { apiVersion: kind === 'ConfigMap' ? 'v1' : 'apps/v1', kind, name },
  });
  await plane.apply({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'text', namespace: 'default' },
  });
  for (const [name, spec] of [
    ['x-absent', to('Deployment', 'absent')],
    ['x-config', to('ConfigMap', 'text')],
    ['x-kindless', to('Nothing', 'web')],
    ['x-second', { maxReplicas: 3 }],
  ] as const) {
    await plane.apply({ ...autoscaler(spec), metadata: { name, namespace: 'default' } });
  }
  await plane.clock.run(minuteMs);
  const [, ...others] = plane.all<HorizontalPodAutoscaler>(AUTOSCALER);
  const reasons = others.map(({ status }) => conditionOf(status?.conditions, 'AbleToScale')?.reason);
  t.deepEqual(reasons, ['FailedGetScale', 'FailedGetScale', 'FailedGetScale', 'FailedGetScale']);
  t.is(size(world), 4);
  await plane.stop();
});

test('a target of no replicas is left alone', async (t) => {
  const world = await begin(web(0), autoscaler());
  world.load.cpuMillis = 1_000;
  await world.plane.clock.run(minuteMs);
  t.is(size(world), 0);
  t.is(said(world, 'ScalingActive'), 'False ScalingDisabled');
  await world.plane.stop();
});

test('without metrics yet it looks every second, for a minute; then as often as ever', async (t) => {
  const world = await begin(web(2));
  const { plane, load } = world;
  load.cpuMillis = null;
  await plane.apply(autoscaler());
  await plane.clock.run(4 * secondMs);
  t.is(said(world, 'ScalingActive'), 'False FailedGetResourceMetric');
  load.cpuMillis = 100;
  await plane.clock.run(2 * secondMs);
  t.is(said(world, 'ScalingActive'), 'True ValidMetricFound');

  load.cpuMillis = null;
  await plane.clock.run(3 * minuteMs);
  t.is(said(world, 'ScalingActive'), 'False FailedGetResourceMetric');
  load.cpuMillis = 100;
  await plane.clock.run(2 * secondMs);
  t.is(said(world, 'ScalingActive'), 'False FailedGetResourceMetric', 'nobody looks so soon');
  await plane.clock.run(15 * secondMs);
  t.is(said(world, 'ScalingActive'), 'True ValidMetricFound');
});
