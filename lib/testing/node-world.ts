import type { Caller, Client } from '../api/client.ts';
import { informers } from '../api/informers.ts';
import type { NodeAgent } from '../api/node-agent.ts';
import type { IssueToken } from '../api/pod-access.ts';
import { silentLog } from '../base/log.ts';
import { type ManualClock, manualClock, settle } from '../base/manual-clock.ts';
import { seededRandom } from '../base/random.ts';
import type { PodDriver } from '../runtime/driver.ts';
import { nodeAgent } from '../runtime/node-agent.ts';
import { BEHAVIOUR_ANNOTATION, type SimulatedBehaviour } from '../runtime/simulated/simulated-behaviour.ts';
import { simulatedDriver } from '../runtime/simulated/simulated-driver.ts';
import { type SimulatedState, simulatedState } from '../runtime/simulated/simulated-state.ts';
import type { StaticPodSettings } from '../runtime/static/static-pods.ts';
import type { ContainerStatus, Event, Pod, PodCondition, PodSpec } from '../schema/types.gen.ts';
import { localApi } from './local-api.ts';

export const user: Caller = { user: 'test', fieldManager: 'test' };
export const NODE = 'node-1';

export const nodeSettings = {
  hostIP: '192.0.2.1',
  hostname: 'machine-1',
  cpuMillis: 4000,
  memoryBytes: 8 * 1024 ** 3,
  machine: {
    architecture: 'amd64',
    kernelVersion: '6.1',
    osImage: 'test',
    machineId: 'm',
    bootId: 'b',
    version: '0.1.0',
  },
} as const;

/** One node over an API in memory, with a machine that outlives the node agent. */
export type NodeWorld = {
  readonly clock: ManualClock;
  readonly client: Client;
  readonly state: SimulatedState;
  agent(): NodeAgent;
  /** The daemon ends; the machine goes on. */
  down(): Promise<void>;
  /** The daemon ends, if it has not, and another takes its place. */
  restart(): Promise<void>;
  pod(name: string): Promise<Pod | null>;
  phaseOf(name: string): Promise<string | undefined>;
  events(reason: string): Promise<readonly Event[]>;
  /** Every start the machine made, by container id. */
  starts(): readonly (readonly [string, number])[];
  /** Lets everything happen that needs no time. */
  quiet(): Promise<void>;
  /** Lets time pass. */
  pass(spanMs: number): Promise<void>;
  close(): Promise<void>;
};

export async function nodeWorld(
  /** `wrap`: what stands between the node agent and the simulated machine. */
  options: {
    readonly wrap?: (driver: PodDriver) => PodDriver;
    readonly issueToken?: IssueToken;
    readonly staticPods?: StaticPodSettings;
  } = {},
): Promise<NodeWorld> {
  const clock = manualClock();
  const { client } = await localApi({ clock });
  const state = simulatedState();
  const start = async (): Promise<{ agent: NodeAgent; stop(): Promise<void> }> => {
    const shared = informers(client, { user: 'system:node', fieldManager: 'node' });
    const simulated = simulatedDriver({ clock, random: seededRandom(7), state });
    const driver = options.wrap?.(simulated) ?? simulated;
    const agent = nodeAgent({
      nodeName: NODE,
      client,
      informers: shared,
      driver,
      clock,
      log: silentLog(),
      settings: nodeSettings,
      issueToken: options.issueToken,
      staticPods: options.staticPods,
    });
    await agent.run();
    let stopped = false;
    const stop = async (): Promise<void> => {
      if (stopped) return;
      stopped = true;
      await agent.stop();
      shared.stop();
    };
    return { agent, stop };
  };
  const quiet = async (): Promise<void> => {
    for (let turn = 0; turn < 8; turn += 1) await settle();
  };
  const pod = (name: string): Promise<Pod | null> => client.get<Pod>(refOfPod(name), user);
  let current = await start();
  return {
    clock,
    client,
    state,
    agent: () => current.agent,
    down: () => current.stop(),
    async restart() {
      await current.stop();
      current = await start();
      await quiet();
    },
    pod,
    async phaseOf(name) {
      return (await pod(name))?.status?.phase;
    },
    async events(reason) {
      const { items } = await client.list<Event>({ group: '', kind: 'Event' }, {}, user);
      return items.filter((event) => event.reason === reason);
    },
    starts: () => [...state.starts],
    quiet,
    async pass(spanMs) {
      await quiet();
      await clock.run(spanMs);
      await quiet();
    },
    close: () => current.stop(),
  };
}

export function podOf(
  name: string,
  spec: Partial<PodSpec>,
  behaviour: Partial<SimulatedBehaviour> & {
    readonly containers?: Record<string, Partial<SimulatedBehaviour>>;
  } = {},
): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      annotations: { [BEHAVIOUR_ANNOTATION]: JSON.stringify(behaviour) },
    },
    spec: { nodeName: NODE, containers: [{ name: 'web', image: 'host' }], ...spec },
  };
}

export function statusOf(pod: Pod | null, container = 'web'): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = pod?.status ?? {};
  return [...containerStatuses, ...initContainerStatuses].find(({ name }) => name === container);
}

export function conditionOf(pod: Pod | null, type: string): PodCondition | undefined {
  return pod?.status?.conditions?.find((one) => one.type === type);
}

export const refOfPod = (name: string) => ({ group: '', kind: 'Pod', namespace: 'default', name }) as const;
