import type { Caller, Client } from '../api/client.ts';
import type { Informers } from '../api/informers.ts';
import type { NodeAgent, NodeAgents } from '../api/node-agent.ts';
import type { IssueToken } from '../api/pod-access.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { messageOf, UserError } from '../base/errors.ts';
import { limits, timings } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import { forgetPod } from '../controllers/podgc/forget-pod.ts';
import type { PodDriver } from '../runtime/driver.ts';
import { declaredCapacity } from '../runtime/node/declared-capacity.ts';
import { OWN_NODE_ANNOTATION } from '../runtime/node/node-object.ts';
import type { NodeSettings } from '../runtime/node/node-settings.ts';
import { nodeShare } from '../runtime/node/node-share.ts';
import { sharedDriver } from '../runtime/node/shared-driver.ts';
import { nodeAgent } from '../runtime/node-agent.ts';
import type { StaticPodSettings } from '../runtime/static/static-pods.ts';
import type { Node, Pod } from '../schema/types.gen.ts';
import type { EndRequest } from './control-protocol.ts';
import { stoppedNodes } from './stopped-nodes.ts';
import { turns } from './turns.ts';

const NODE = { group: '', kind: 'Node' } as const;
const POD = { group: '', kind: 'Pod' } as const;
const caller: Caller = { user: 'system:pintle', groups: ['system:masters'], fieldManager: 'pintle' };

/** `retiring`: it is no node any more, and runs until nothing of it does. */
export type NodeState = 'running' | 'stopped' | 'retiring';

/** The nodes of this machine and what runs their pods. */
export type MachineNodes = {
  /** Those that run. */
  readonly agents: NodeAgents;
  list(): readonly { readonly name: string; readonly state: NodeState; readonly declared: boolean }[];
  /** Which nodes are declared may have changed. */
  declaredChanged(): void;
  /**
   * Plays a machine that is lost: nothing is heard of the node any more, and its pods stand still where there is something to hold still.
   * Stays so until `startNode`, whoever restarts the daemon. UserError NO_SUCH_NODE.
   */
  stopNode(name: string): Promise<void>;
  /** Its pods go on, and the agent finds what has become of them meanwhile. UserError NO_SUCH_NODE. */
  startNode(name: string): Promise<void>;
  idle(): boolean;
  stop(request?: EndRequest): Promise<void>;
};

export type MachineNodesDeps = {
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly log: Log;
  readonly driver: PodDriver;
  readonly machine: NodeSettings;
  /** The machine's own nodes; at least one. */
  readonly names: readonly string[];
  /** Whether a Node that is not the machine's own is declared to be one. */
  readonly isDeclared: (node: Node) => boolean;
  /** Unset: no API is served. */
  readonly issueToken?: IssueToken | undefined;
  /** Of the machine's first node. */
  readonly staticPods?: StaticPodSettings | undefined;
};

type Entry = { readonly name: string; agent: NodeAgent | null; state: NodeState };

/** Takes up the nodes there are: the machine's own and those declared. Nodes of its own that it has no more are removed with their pods. */
export async function startNodes(deps: MachineNodesDeps): Promise<MachineNodes> {
  const { client, informers, clock, log, driver, machine } = deps;
  const nodes = informers.of<Node>(NODE);
  const pods = informers.of<Pod>(POD);
  await Promise.all([nodes.synced, pods.synced]);
  const off = await stoppedNodes(client, caller);
  const entries = new Map<string, Entry>();
  const shared = sharedDriver(driver, () => [...entries.keys()]);
  const inTurn = turns();
  let retiring: Timer | null = null;
  let stopped = false;

  const wanted = (): readonly string[] => {
    const declared = [...nodes.objects.values()]
      .filter((node) => node.metadata.deletionTimestamp === undefined && deps.isDeclared(node))
      .map(({ metadata }) => metadata.name)
      .sort();
    return [...new Set([...deps.names, ...declared])].slice(0, limits.nodesMax);
  };
  const settingsOf = (name: string): NodeSettings => {
    const present = [...entries.values()].filter(({ state }) => state !== 'retiring');
    const index = present.findIndex((entry) => entry.name === name);
    const { annotations } = nodes.get({ namespace: '', name })?.metadata ?? {};
    const count = Math.max(1, present.length);
    return {
      ...nodeShare(machine, { index, count, declared: declaredCapacity(annotations) }),
      hostname: name === deps.names[0] ? machine.hostname : name,
      isDeclared: !deps.names.includes(name),
    };
  };
  const run = async (entry: Entry): Promise<void> => {
    const { name } = entry;
    const settings = (): NodeSettings => settingsOf(name);
    const { issueToken } = deps;
    const { driver: own, view } = shared.of(name, () => {
      const { podCIDR, cpuLimitMillis = null, memoryLimitBytes = null } = settings();
      return { podCIDR, cpuLimitMillis, memoryLimitBytes };
    });
    const agent = nodeAgent({
      ...{ nodeName: name, client, informers, clock, log, driver: own, view, settings, issueToken },
      staticPods: name === deps.names[0] ? deps.staticPods : undefined,
    });
    entry.agent = agent;
    await agent.run();
  };
  /** CRASH: done again by the next daemon, which finds the node stopped. */
  const freeze = async (name: string, frozen: boolean): Promise<void> => {
    const { setFrozen } = driver;
    if (setFrozen === undefined) return;
    await shared.hold();
    try {
      for (const podUid of await shared.podsOf(name)) await setFrozen.call(driver, podUid, frozen);
    } finally {
      await shared.release();
    }
  };
  const isEmpty = async (name: string): Promise<boolean> =>
    ![...pods.objects.values()].some((pod) => pod.spec.nodeName === name) &&
    (await shared.podsOf(name)).length === 0;
  const lookAtRetiring = async (): Promise<void> => {
    const left = [...entries.values()].filter(({ state }) => state === 'retiring');
    for (const entry of left) {
      if (!(await isEmpty(entry.name))) continue;
      await entry.agent?.stop();
      await off.remove(entry.name);
      entries.delete(entry.name);
    }
    const more = left.some(({ name }) => entries.has(name));
    if (more && !stopped)
      retiring = clock.setTimer(timings.nodeRetirePollMs, () => void guarded(lookAtRetiring));
  };
  /** Makes the entries those that are wanted. */
  const follow = async (): Promise<void> => {
    const names = wanted();
    const fresh = names.filter((name) => !entries.has(name));
    for (const name of fresh)
      entries.set(name, { name, agent: null, state: off.has(name) ? 'stopped' : 'running' });
    for (const entry of entries.values()) {
      const isWanted = names.includes(entry.name);
      if (isWanted && entry.state === 'retiring') entry.state = 'running';
      if (isWanted || entry.state === 'retiring') continue;
      if (entry.state === 'stopped') {
        // A machine that is gone for good holds nothing any more.
        await freeze(entry.name, false);
        await run(entry);
      }
      entry.state = 'retiring';
    }
    for (const name of fresh) {
      const entry = entries.get(name);
      if (entry?.state === 'running') await run(entry);
      else if (entry?.state === 'stopped') await freeze(name, true);
    }
    retiring?.cancel();
    await lookAtRetiring();
  };
  const guarded = (work: () => Promise<void>): Promise<void> =>
    inTurn(async () => {
      if (!stopped) await work();
    }).catch((failure: unknown) => log.warn('nodes-not-followed', { failure: messageOf(failure) }));
  const entryOf = (name: string): Entry => {
    const entry = entries.get(name);
    if (entry !== undefined && entry.state !== 'retiring') return entry;
    const known = [...entries.keys()].join(', ');
    throw new UserError('NO_SUCH_NODE', `there is no node ${name} on this machine; there are: ${known}`);
  };

  await removeFormer(deps, { nodes: [...nodes.objects.values()], pods: [...pods.objects.values()] });
  await inTurn(follow);
  const running = (): readonly NodeAgent[] =>
    [...entries.values()].flatMap(({ agent, state }) =>
      agent === null || state === 'stopped' ? [] : [agent],
    );
  return {
    agents: {
      agent: (name) => running().find((agent) => agent.nodeName === name),
      all: running,
    },
    list: () =>
      [...entries.values()].map(({ name, state }) => ({
        ...{ name, state },
        declared: !deps.names.includes(name),
      })),
    declaredChanged() {
      const names = wanted();
      const present = [...entries.values()].filter(({ state }) => state !== 'retiring');
      if (names.length === present.length && names.every((name) => entries.has(name))) return;
      void guarded(follow);
    },
    stopNode: (name) =>
      inTurn(async () => {
        const entry = entryOf(name);
        if (entry.state === 'stopped') return;
        await off.add(name);
        // CRASH: from here on the next daemon does not take it up.
        entry.state = 'stopped';
        await entry.agent?.stop();
        entry.agent = null;
        await freeze(name, true);
      }),
    startNode: (name) =>
      inTurn(async () => {
        const entry = entryOf(name);
        if (entry.state === 'running') return;
        await freeze(name, false);
        // CRASH: it is stopped still, and the next daemon holds its pods again.
        await off.remove(name);
        entry.state = 'running';
        await run(entry);
      }),
    idle: inTurn.idle,
    async stop(request) {
      stopped = true;
      retiring?.cancel();
      await inTurn(async () => {
        const all = [...entries.values()];
        if (request?.pods === true) {
          // What stands still could not end; these pods end with the agent, without a word.
          for (const { name, state } of all) if (state === 'stopped') await freeze(name, false);
          await Promise.all(all.map(({ agent }) => agent?.endPods(request)));
        }
        await Promise.all(all.map(({ agent }) => agent?.stop()));
      });
    },
  };
}

/**
 * Nodes the machine made for itself under another name or number: they are nodes no more. What ran on them ends when the first node finds
 * it with the driver.
 */
async function removeFormer(
  { client, clock, names, isDeclared }: MachineNodesDeps,
  { nodes, pods }: { readonly nodes: readonly Node[]; readonly pods: readonly Pod[] },
): Promise<void> {
  for (const node of nodes) {
    const { name, annotations } = node.metadata;
    const isFormer =
      annotations?.[OWN_NODE_ANNOTATION] === 'true' && !names.includes(name) && !isDeclared(node);
    if (!isFormer) continue;
    for (const pod of pods)
      if (pod.spec.nodeName === name) await forgetPod(pod, { client, caller, now: clock.now() });
    // CRASH: before this line, the next daemon goes on with the pods.
    await client.delete({ ...NODE, namespace: '', name }, {}, caller);
  }
}
