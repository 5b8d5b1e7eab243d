import { bootstrapNamespaces } from '../../../lib/api/bootstrap.ts';
import type { Caller, Client } from '../../../lib/api/client.ts';
import { informers as makeInformers } from '../../../lib/api/informers.ts';
import { localClient } from '../../../lib/api/local-client.ts';
import { systemClock } from '../../../lib/base/clock.ts';
import { limits } from '../../../lib/base/limits.ts';
import { silentLog } from '../../../lib/base/log.ts';
import { seededRandom } from '../../../lib/base/random.ts';
import { decideOn } from '../../../lib/scheduler/decide.ts';
import { nodeFacts } from '../../../lib/scheduler/facts/node-facts.ts';
import { startScheduler } from '../../../lib/scheduler/start-scheduler.ts';
import { cluster } from '../../../lib/scheduler/state/cluster.ts';
import { builtinSchema } from '../../../lib/schema/builtin-schema.ts';
import type { Node, Pod, Service } from '../../../lib/schema/types.gen.ts';
import { sqliteStore } from '../../../lib/store/sqlite-store.ts';
import { figure, rounded, timed } from './figure.ts';
import { inTemporary } from './temporary.ts';

/** Kubernetes' own scheduler is held to a floor of 680 pods/s with 5,000 nodes and 10,000 pods. */
const AIM = 2_000;
const SIZES = [
  { nodes: 1_250, pods: 2_500 },
  { nodes: 2_500, pods: 5_000 },
  { nodes: 5_000, pods: 10_000 },
  { nodes: 10_000, pods: 20_000 },
] as const;
const ZONES = 3;
/** Pods of one application. */
const GROUP = 100;
const caller: Caller = { user: 'bench', groups: ['system:masters'], fieldManager: 'bench' };

const kindsOfPods = ['plain', 'spread', 'anti-affinity'] as const;
type KindOfPods = (typeof kindsOfPods)[number];

/** Deciding alone, by size and by what pods ask for; then all of it, on a real store. */
export async function schedulerThroughput(): Promise<void> {
  for (const size of SIZES) for (const kind of kindsOfPods) await decideOnly(size, kind);
  for (const size of SIZES.slice(0, 3)) await withWrites(size);
}

type Size = { readonly nodes: number; readonly pods: number };

async function decideOnly({ nodes, pods }: Size, kind: KindOfPods): Promise<void> {
  const state = cluster();
  for (let at = 0; at < nodes; at += 1) state.setNode(nodeFacts(nodeOf(at)));
  const pending = Array.from({ length: pods }, (_, at) => podOf(at, kind));
  const start = { at: 0 };
  let bound = 0;
  const { ms, cpuMs } = await timed(() => {
    for (let from = 0; from < pods; from += limits.schedulerPassPodsMax) {
      const some = pending.slice(from, from + limits.schedulerPassPodsMax);
      bound += decideOn(state, { pending: some, budgets: [], start }).bindings.length;
    }
  });
  if (bound !== pods) throw new Error(`${bound} of ${pods} pods have a node`);
  figure('scheduler: decided', pods / (ms / 1000), 'pods/s', {
    ...{ aim: AIM, kind, nodes, pods, cpuMs },
    microsPerPod: rounded((ms * 1000) / pods),
  });
}

/** From the start of a scheduler that finds all pods waiting, until the last is bound: on disk, with its condition, and seen again. */
async function withWrites({ nodes, pods }: Size): Promise<void> {
  await inTemporary(async (directory) => {
    const clock = systemClock();
    const log = silentLog();
    const store = await sqliteStore({ directory });
    const client = localClient({
      ...{ store, clock, log, schema: builtinSchema(), random: seededRandom(1) },
      settings: {
        serviceRange: '127.96.0.0/16',
        nodePortRange: { from: 30_000, to: 32_767 },
        allowHostAccess: false,
      },
    });
    await bootstrapNamespaces(client);
    await fill(client, { nodes, pods });
    const informers = makeInformers(client, caller);
    const seen = informers.of<Pod>({ group: '', kind: 'Pod' });
    await informers.synced();
    let bound = 0;
    const all = Promise.withResolvers<void>();
    seen.onChange(({ before, after }) => {
      if (before?.spec.nodeName !== undefined || after?.spec.nodeName === undefined) return;
      bound += 1;
      if (bound === pods) all.resolve();
    });
    const { ms, cpuMs, result } = await timed(async () => {
      const scheduler = startScheduler({ client, informers, clock, log });
      await all.promise;
      return scheduler;
    });
    figure('scheduler: bound, with its writes', pods / (ms / 1000), 'pods/s', {
      ...{ aim: AIM, nodes, pods, cpuMs, microsPerPod: rounded((ms * 1000) / pods) },
    });
    await result.stop();
    informers.stop();
    await store.close();
  });
}

async function fill(client: Client, { nodes, pods }: Size): Promise<void> {
  const objects = [
    ...Array.from({ length: pods / GROUP }, (_, at) => serviceOf(at)),
    ...Array.from({ length: nodes }, (_, at) => nodeOf(at)),
    ...Array.from({ length: pods }, (_, at) => podOf(at, 'plain')),
  ];
  for (let from = 0; from < objects.length; from += 500) {
    const some = objects.slice(from, from + 500);
    const made = await client.transact(
      some.map((object) => ({ op: 'create', object }) as const),
      caller,
    );
    const updates = made.flatMap((object, at) => {
      const node = some[at];
      // A create takes no status.
      if (object === null || node?.kind !== 'Node') return [];
      return [
        {
          op: 'update',
          object: { ...object, status: (node as Node).status },
          subresource: 'status',
        } as const,
      ];
    });
    if (updates.length > 0) await client.transact(updates, caller);
  }
}

function nodeOf(at: number): Node {
  const name = `node-${String(at).padStart(5, '0')}`;
  const room = { cpu: '8', memory: '32Gi', pods: '110' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': `zone-${at % ZONES}` },
    },
    spec: {},
    status: { allocatable: room, capacity: room },
  };
}

function serviceOf(group: number): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `app-${group}`, namespace: 'default' },
    spec: { clusterIP: 'None', selector: { app: `app-${group}` }, ports: [{ port: 80 }] },
  };
}

function podOf(at: number, kind: KindOfPods): Pod {
  const app = `app-${Math.floor(at / GROUP)}`;
  const labelSelector = { matchLabels: { app } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `pod-${String(at).padStart(5, '0')}`,
      namespace: 'default',
      labels: { app, 'pod-template-hash': app },
      ...(kind === 'plain' ? {} : { uid: `uid-${at}` }),
    },
    spec: {
      containers: [
        {
          name: 'main',
          image: 'registry.local/app:1',
          resources: { requests: { cpu: '100m', memory: '200Mi' } },
        },
      ],
      ...(kind === 'spread' && {
        topologySpreadConstraints: [
          {
            ...{ topologyKey: 'topology.kubernetes.io/zone', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' },
            labelSelector,
          },
        ],
      }),
      ...(kind === 'anti-affinity' && {
        affinity: {
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { topologyKey: 'kubernetes.io/hostname', labelSelector },
            ],
          },
        },
      }),
    },
  };
}
