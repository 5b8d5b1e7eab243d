import { createHash } from 'node:crypto';
import { bootstrapStorage } from '../api/bootstrap-storage.ts';
import type { Caller, Client } from '../api/client.ts';
import { type Informers, informers as makeInformers } from '../api/informers.ts';
import type { DurationMs } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { type ManualClock, manualClock } from '../base/manual-clock.ts';
import { seededRandom } from '../base/random.ts';
import { cronJobController } from '../controllers/cronjob/controller.ts';
import { daemonSetController } from '../controllers/daemonset/controller.ts';
import { deploymentController } from '../controllers/deployment/controller.ts';
import { endpointsController } from '../controllers/endpoints/controller.ts';
import type { Controller } from '../controllers/harness/controller.ts';
import { runControllers } from '../controllers/harness/run-controllers.ts';
import { jobController } from '../controllers/job/controller.ts';
import { namespaceController } from '../controllers/namespace/controller.ts';
import { persistentVolumeClaimController } from '../controllers/persistentvolumeclaim/controller.ts';
import { replicaSetController } from '../controllers/replicaset/controller.ts';
import { replicationControllerController } from '../controllers/replicationcontroller/controller.ts';
import { statefulSetController } from '../controllers/statefulset/controller.ts';
import { startScheduler } from '../scheduler/start-scheduler.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Node, Pod } from '../schema/types.gen.ts';
import type { Store } from '../store/store.ts';
import { fakeKubelet, type PodFate } from './fake-kubelet.ts';
import { laggingClient } from './lagging-client.ts';
import { localApi } from './local-api.ts';

const caller: Caller = { user: 'tester', groups: ['system:masters'], fieldManager: 'test' };

export type ControlPlane = {
  readonly client: Client;
  readonly clock: ManualClock;
  readonly store: Store;
  readonly informers: Informers;
  readonly caller: Caller;
  /** Creates the object, or puts what it says in place of what is there. */
  apply(object: KubeObject): Promise<KubeObject>;
  addNode(node: Node): Promise<void>;
  /** Everything of a kind in `default`, by name. */
  all<T extends KubeObject>(kind: { readonly group: string; readonly kind: string }): readonly T[];
  /** A hash over every change of the store so far: the same seed and the same acts give the same. */
  trace(): string;
  /** How many changes the store has seen. */
  changes(): number;
  /** Nothing is under way in the controllers or the scheduler; what waits for a time does not count. */
  idle(): boolean;
  stop(): Promise<void>;
};

/**
 * The control plane over a store in memory on a manual clock: the API, controllers, the scheduler, and a node agent that only
 * pretends. Nothing of it uses threads, timers or chance of the machine.
 */
export async function controlPlane(
  options: {
    readonly seed?: number;
    readonly controllers?: readonly Controller[];
    readonly nodes?: readonly Node[];
    readonly fateOf?: (pod: Pod) => PodFate;
    /** The controllers' and the scheduler's watches tell up to so late. */
    readonly lagMaxMs?: DurationMs;
  } = {},
): Promise<ControlPlane> {
  const clock = manualClock();
  const { client, store } = await localApi({ clock, seed: options.seed ?? 1 });
  await bootstrapStorage(client);
  const hash = createHash('sha256');
  let changes = 0;
  const watch = store.watch('', 0, (events) => {
    for (const { key, revision, value } of events) {
      changes += 1;
      hash.update(`${revision} ${key} ${value === null ? 'gone' : Buffer.from(value).toString('base64')}\n`);
    }
  });
  const addNode = async (node: Node): Promise<void> => {
    const created = await client.create(node, caller);
    // A create takes no status.
    await client.update({ ...created, status: node.status }, caller, { subresource: 'status' });
  };
  for (const node of options.nodes ?? [simpleNode('node-1')]) await addNode(node);
  const readAs: Caller = { user: 'system:kube-controller-manager', fieldManager: 'informers' };
  const lag = { clock, random: seededRandom(options.seed ?? 1), lagMaxMs: options.lagMaxMs ?? 0 };
  const informers = makeInformers(lag.lagMaxMs > 0 ? laggingClient(client, lag) : client, readAs);
  const deps = { client, informers, clock, log: silentLog() };
  const controllers = runControllers(options.controllers ?? builtinControllers(), deps);
  const scheduler = startScheduler(deps);
  const ownInformers = makeInformers(client, readAs);
  ownInformers.of({ group: '', kind: 'Pod' });
  await ownInformers.synced();
  const kubelet = fakeKubelet({
    client,
    informers: ownInformers,
    clock,
    ...(options.fateOf !== undefined && { fateOf: options.fateOf }),
  });
  await clock.run(0);
  return {
    client,
    clock,
    store,
    informers,
    caller,
    addNode,
    async apply(object) {
      const { name, namespace = '' } = object.metadata;
      const slash = object.apiVersion.indexOf('/');
      const group = slash < 0 ? '' : object.apiVersion.slice(0, slash);
      const ref = { group, kind: object.kind, namespace, name };
      const live = await client.get(ref, caller);
      if (live === null) return client.create(object, caller);
      const { labels, annotations } = object.metadata;
      const metadata = { ...live.metadata, ...(labels && { labels }), ...(annotations && { annotations }) };
      const { resourceVersion: _resourceVersion, ...unconditional } = metadata;
      return client.update({ ...live, ...object, metadata: unconditional }, caller);
    },
    all<T extends KubeObject>(kind: { readonly group: string; readonly kind: string }) {
      const found = ownInformers.of<T>(kind).inNamespace('default');
      return found.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    },
    trace: () => hash.copy().digest('hex'),
    changes: () => changes,
    idle: () => controllers.idle() && scheduler.idle(),
    async stop() {
      watch.close();
      kubelet.stop();
      await controllers.stop();
      await scheduler.stop();
      informers.stop();
      ownInformers.stop();
      await store.close();
    },
  };
}

export function builtinControllers(): readonly Controller[] {
  return [
    replicaSetController(),
    replicationControllerController(),
    daemonSetController(),
    statefulSetController(),
    deploymentController(),
    jobController(),
    cronJobController(),
    endpointsController(),
    namespaceController(),
    persistentVolumeClaimController(),
  ];
}

/** A node that is ready and has room. */
export function simpleNode(
  name: string,
  room: { readonly cpu?: string; readonly memory?: string; readonly pods?: string } = {},
): Node {
  const allocatable = { cpu: '64', memory: '256Gi', pods: '1000', ...room };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name } },
    spec: {},
    status: { allocatable, capacity: allocatable, conditions: [{ type: 'Ready', status: 'True' }] },
  };
}
