import type { PodDisruptionBudget } from '../api/disruption-budget.ts';
import type { Change, Informer } from '../api/informer.ts';
import type { Informers } from '../api/informers.ts';
import { deepEqual } from '../base/json.ts';
import { limits } from '../base/limits.ts';
import type { Selector } from '../schema/label-selector.ts';
import { hasReported } from '../schema/node-reported.ts';
import type { KindRef, KubeObject } from '../schema/object.ts';
import { controllerOf } from '../schema/owner.ts';
import type {
  LabelSelector,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  Service,
  StorageClass,
} from '../schema/types.gen.ts';
import { nodeFacts } from './facts/node-facts.ts';
import { groupOfPod } from './group-of-pod.ts';
import type { SchedulingEvent } from './queue/scheduling-event.ts';
import { type Cluster, cluster } from './state/cluster.ts';

const CLAIM = { group: '', kind: 'PersistentVolumeClaim' } as const;
const VOLUME = { group: '', kind: 'PersistentVolume' } as const;
const CLASS = { group: 'storage.k8s.io', kind: 'StorageClass' } as const;
/** Whose selectors group their pods. */
const GROUPING: readonly KindRef[] = [
  { group: '', kind: 'ReplicationController' },
  { group: 'apps', kind: 'ReplicaSet' },
  { group: 'apps', kind: 'StatefulSet' },
];

/** All that scheduling reads but pods, kept as the informers have it. */
export type WatchedCluster = {
  readonly cluster: Cluster;
  budgets(): readonly PodDisruptionBudget[];
  claim(namespace: string, name: string): PersistentVolumeClaim | undefined;
  isSynced(): boolean;
  readonly synced: Promise<unknown>;
  stop(): void;
};

/** Tells what happened, after the cluster has it. */
export function watchCluster(
  informers: Informers,
  onEvent: (event: SchedulingEvent) => void,
): WatchedCluster {
  const nodes = informers.of<Node>({ group: '', kind: 'Node' });
  const namespaces = informers.of<Namespace>({ group: '', kind: 'Namespace' });
  const claims = informers.of<PersistentVolumeClaim>(CLAIM);
  const volumes = informers.of<PersistentVolume>(VOLUME);
  const classes = informers.of<StorageClass>(CLASS);
  const budgets = informers.of<PodDisruptionBudget>({ group: 'policy', kind: 'PodDisruptionBudget' });
  const groups = groupsOf(informers);
  const state = cluster({
    volumes: {
      claim: (namespace, name) => claims.get({ namespace, name }),
      volume: (name) => volumes.get({ namespace: '', name }),
      volumes: () => [...volumes.objects.values()],
      storageClass: (name) => classes.get({ namespace: '', name }),
    },
    namespaceLabels: (name) => namespaces.get({ namespace: '', name })?.metadata.labels,
    groupOf: ({ pod }) => groups.of(pod),
  });
  const takeNode = ({ before, after }: Pick<Change<Node>, 'before' | 'after'>): void => {
    if (after === undefined || !hasReported(after)) {
      if (before !== undefined) state.removeNode(before.metadata.name);
      if (after === undefined) onEvent('node-removed');
      return;
    }
    state.setNode(nodeFacts(after));
    for (const event of nodeEvents(before, after)) onEvent(event);
  };
  for (const node of nodes.objects.values()) takeNode({ before: undefined, after: node });
  const storageChanged = (): void => onEvent('storage');
  const subscriptions = [
    nodes.onChange(takeNode),
    namespaces.onChange(({ before, after }) => {
      if (deepEqual(before?.metadata.labels, after?.metadata.labels)) return;
      state.namespacesChanged();
      onEvent('namespace-labels');
    }),
    ...[claims, volumes, classes].map((each: Pick<Informer, 'onChange'>) => each.onChange(storageChanged)),
    ...groups.subscriptions,
  ];
  const all: readonly Pick<Informer, 'isSynced' | 'synced'>[] = [
    ...[nodes, namespaces, claims, volumes, classes, budgets],
    ...groups.informers,
  ];
  return {
    cluster: state,
    budgets: () => [...budgets.objects.values()],
    claim: (namespace, name) => claims.get({ namespace, name }),
    isSynced: () => all.every(({ isSynced }) => isSynced),
    synced: Promise.all(all.map(({ synced }) => synced)),
    stop() {
      for (const each of subscriptions) each.stop();
    },
  };
}

/** A node's status changes all the time; only what scheduling reads of it counts. */
export function nodeEvents(before: Node | undefined, after: Node): readonly SchedulingEvent[] {
  if (before === undefined || !hasReported(before)) return ['node-added'];
  const events: SchedulingEvent[] = [];
  if (!deepEqual(before.metadata.labels, after.metadata.labels)) events.push('node-labels');
  if (!deepEqual(before.spec, after.spec)) events.push('node-taints');
  if (!deepEqual(before.status?.allocatable, after.status?.allocatable)) events.push('node-room');
  return events;
}

type Grouping = KubeObject & { readonly spec?: { readonly selector?: LabelSelector } };

/** What groups pods, remembered until a selector changes: pods of one template are alike. */
function groupsOf(informers: Informers) {
  const services = informers.of<Service>({ group: '', kind: 'Service' });
  const controllers = GROUPING.map((kind) => informers.of<Grouping>(kind));
  const known = new Map<string, Selector>();
  const forget = ({ before, after }: Change<KubeObject>): void => {
    const [was, is]: readonly (Grouping | undefined)[] = [before, after] as readonly (Grouping | undefined)[];
    if (!deepEqual(was?.spec?.selector, is?.spec?.selector)) known.clear();
  };
  return {
    informers: [services, ...controllers],
    subscriptions: [services, ...controllers].map((each) => (each as Informer).onChange(forget)),
    of(pod: Pod): Selector {
      const { namespace = '', labels } = pod.metadata;
      const owner = controllerOf(pod);
      const key = JSON.stringify([namespace, owner?.uid, labels]);
      const before = known.get(key);
      if (before !== undefined) return before;
      if (known.size >= limits.schedulerGroupsMax) known.clear();
      const at = GROUPING.findIndex(({ kind }) => kind === owner?.kind);
      const controller =
        owner === undefined ? undefined : controllers[at]?.get({ namespace, name: owner.name });
      const group = groupOfPod(pod, {
        services: services.inNamespace(namespace),
        ofController: selectorOf(controller),
      });
      known.set(key, group);
      return group;
    },
  };
}

/** A ReplicationController's is a plain map. */
function selectorOf(controller: Grouping | undefined): LabelSelector | undefined {
  const selector = controller?.spec?.selector;
  if (selector === undefined || controller?.kind !== 'ReplicationController') return selector;
  return { matchLabels: selector as Readonly<Record<string, string>> };
}
