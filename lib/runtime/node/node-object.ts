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

/** The Node as it is created. */
export function newNode(nodeName: string, settings: NodeSettings): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: nodeName, labels: nodeLabels(nodeName, settings) },
    spec: {},
  };
}

/** What the node is asked about itself, and what it answers. Source of reasons: kubelet nodestatus setters. */
const CONDITIONS: readonly {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
}[] = [
  { type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory' },
  { type: 'DiskPressure', status: 'False', reason: 'KubeletHasNoDiskPressure' },
  { type: 'PIDPressure', status: 'False', reason: 'KubeletHasSufficientPID' },
  { type: 'Ready', status: 'True', reason: 'KubeletReady' },
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
          ? { ...verdict, message: verdict.type === 'Ready' ? health.message : '' }
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
