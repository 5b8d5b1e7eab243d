import type { Client } from '../api/client.ts';
import { startGarbageCollector } from '../api/garbage-collector.ts';
import type { Informers } from '../api/informers.ts';
import type { NodeAgents } from '../api/node-agent.ts';
import type { PodAccess } from '../api/pod-access.ts';
import type { Clock } from '../base/clock.ts';
import type { JsonValue } from '../base/json.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { runControllers } from '../controllers/harness/run-controllers.ts';
import type { PodDriver } from '../runtime/driver.ts';
import type { NodeSettings } from '../runtime/node/node-settings.ts';
import type { StaticPodSettings } from '../runtime/static/static-pods.ts';
import { startScheduler } from '../scheduler/start-scheduler.ts';
import type { Node } from '../schema/types.gen.ts';
import type { EndRequest } from './control-protocol.ts';
import { controllers } from './controllers.ts';
import { type MachineNodes, startNodes } from './machine-nodes.ts';

/** All that keeps the API's word: the nodes' agents, scheduler, controllers, garbage collector, Services. */
export type Machinery = {
  readonly nodes: NodeAgents;
  readonly machineNodes: MachineNodes;
  /** The first Node object, for `pintle status --node`. */
  nodeFacts(): Promise<JsonValue>;
  /** The kinds of the API are others than before. */
  kindsChanged(): void;
  idle(): boolean;
  stop(request?: EndRequest): Promise<void>;
};

/** One of its parts: stops what it does, and says whether it has something to do. */
export type Part = { stop(): Promise<void> | void; idle(): boolean };

export type MachineryDeps = {
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly driver: PodDriver;
  readonly network:
    | ((deps: {
        readonly client: Client;
        readonly informers: Informers;
        readonly clock: Clock;
        readonly log: Log;
      }) => Promise<Part>)
    | null;
  /** The machine's own nodes, by name; at least one. */
  readonly nodeNames: readonly string[];
  /** Whether somebody declared this Node to be one of the machine. */
  readonly isDeclared: (node: Node) => boolean;
  readonly machine: NodeSettings;
  readonly staticPods?: StaticPodSettings | undefined;
  /** Unset: no API is served. */
  readonly access?: PodAccess | undefined;
};

/** Starts the parts, pods first: what runs is adopted before anything decides what should. */
export async function startMachinery(deps: MachineryDeps): Promise<Machinery> {
  const { client, informers, clock, random, log } = deps;
  const { issueToken, rootCertificate } = deps.access ?? {};
  const machineNodes = await startNodes({ ...deps, names: deps.nodeNames, issueToken });
  const nodes = machineNodes.agents;
  const shared = { client, informers, clock, log };
  const garbage = startGarbageCollector(client, clock, log);
  const parts: readonly Part[] = [
    ...(deps.network === null ? [] : [await deps.network(shared)]),
    startScheduler(shared),
    runControllers(controllers({ nodes, random, rootCertificate }), shared),
    garbage,
  ];
  return {
    nodes,
    machineNodes,
    async nodeFacts() {
      const caller = { user: 'system:pintle', groups: ['system:masters'], fieldManager: 'pintle' };
      return client.get({ group: '', kind: 'Node', namespace: '', name: deps.nodeNames[0] ?? '' }, caller);
    },
    kindsChanged: garbage.kindsChanged,
    idle: () => machineNodes.idle() && parts.every((part) => part.idle()),
    async stop(request) {
      // Whoever would put new pods in the place of ended ones goes first.
      for (const part of [...parts].reverse()) await part.stop();
      await machineNodes.stop(request);
    },
  };
}
