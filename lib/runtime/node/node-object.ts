import { type EpochMs, toRfc3339 } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import { conditionOf } from '../../schema/conditions.ts';
import { gitVersion } from '../../schema/kubernetes-version.ts';
import { formatQuantity, quantityFromBytes, quantityFromMillis } from '../../schema/quantity.ts';
import type { Node, NodeCondition, NodeStatus } from '../../schema/types.gen.ts';
import { abilityConditions } from './node-ability.ts';
import type { NodeSettings } from './node-settings.ts';

type Amounts = { readonly cpu: string; readonly memory: string; readonly pods: string };

export function nodeAmounts(settings: NodeSettings): Amounts {
  return {
    cpu: formatQuantity(quantityFromMillis(settings.cpuMillis)),
    memory: formatQuantity(quantityFromBytes(settings.memoryBytes)),
    pods: String(settings.podsMax ?? limits.podsPerNodeMax),
  };
}

/** The labels every node has, and those its owner added. A node that was given a name has it for a host name too, as kubelet's. */
export function nodeLabels(nodeName: string, settings: NodeSettings): Readonly<Record<string, string>> {
  return {
    ...settings.labels,
    'kubernetes.io/hostname': nodeName,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': settings.machine.architecture,
  };
}

/** On a Node that the machine made for itself: when it is no node of it any more, it goes. */
export const OWN_NODE_ANNOTATION = 'pintle.dev/own-node';

/** The Node as it is created. */
export function newNode(nodeName: string, settings: NodeSettings): Node {
  const bare = { apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName }, spec: {} } as const;
  return withOwnFields(bare, settings);
}

/** The Node with what the machine says of it; labels, taints and whatever else others gave it stay. */
export function withOwnFields(node: Node, settings: NodeSettings): Node {
  const { metadata, spec } = node;
  const { podCIDR } = settings;
  const own = settings.isDeclared === true ? {} : { [OWN_NODE_ANNOTATION]: 'true' };
  const annotations = { ...metadata.annotations, ...own };
  return {
    ...node,
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, ...nodeLabels(metadata.name, settings) },
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
    spec: podCIDR === undefined ? spec : { ...spec, podCIDR, podCIDRs: [podCIDR] },
  };
}

/** The status without the times of heartbeats: what is worth a write when it changes. */
export function steadyStatus(status: NodeStatus | undefined): NodeStatus {
  const conditions = status?.conditions?.map(({ lastHeartbeatTime: _, ...steady }) => steady);
  return { ...status, ...(conditions && { conditions }) };
}

/** What the node is asked about itself, and what it answers. Source of reasons: kubelet nodestatus setters. */
const CONDITIONS: readonly {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}[] = [
  {
    type: 'MemoryPressure',
    status: 'False',
    reason: 'KubeletHasSufficientMemory',
    message: 'Nothing is evicted here for want of memory.',
  },
  {
    type: 'DiskPressure',
    status: 'False',
    reason: 'KubeletHasNoDiskPressure',
    message: 'Nothing is evicted here for want of room on the disk.',
  },
  {
    type: 'PIDPressure',
    status: 'False',
    reason: 'KubeletHasSufficientPID',
    message: 'Nothing is evicted here for want of processes.',
  },
  { type: 'Ready', status: 'True', reason: 'KubeletReady', message: '' },
];

/** Node status at `now`. `ready: false`: the driver does not answer, and `message` says why. */
export function nodeStatus(
  before: Node,
  settings: NodeSettings,
  health: { readonly ready: boolean; readonly message: string; readonly runtime: string },
  now: EpochMs,
): NodeStatus {
  const amounts = nodeAmounts(settings);
  const { machine } = settings;
  return {
    ...before.status,
    capacity: amounts,
    allocatable: amounts,
    addresses: [
      { type: 'InternalIP', address: settings.hostIP },
      { type: 'Hostname', address: settings.hostname },
    ],
    conditions: [
      ...CONDITIONS.map((verdict): NodeCondition => {
        const isReady = verdict.type !== 'Ready' || health.ready;
        const next = isReady
          ? { ...verdict, message: verdict.type === 'Ready' ? health.message : verdict.message }
          : { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: health.message };
        const old = conditionOf(before.status?.conditions, verdict.type);
        const since = old?.status === next.status ? old.lastTransitionTime : undefined;
        const time = toRfc3339(now);
        return { ...next, lastHeartbeatTime: time, lastTransitionTime: since ?? time };
      }),
      ...abilityConditions(settings.abilities?.() ?? [], before.status?.conditions, now),
    ],
    nodeInfo: {
      architecture: machine.architecture,
      bootID: machine.bootId,
      containerRuntimeVersion: `${health.runtime}://${machine.version}`,
      kernelVersion: machine.kernelVersion,
      kubeProxyVersion: gitVersion,
      kubeletVersion: gitVersion,
      machineID: machine.machineId,
      operatingSystem: 'linux',
      osImage: machine.osImage,
      systemUUID: machine.machineId,
    },
  };
}
