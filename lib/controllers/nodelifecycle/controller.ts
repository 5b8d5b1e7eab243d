import type { EpochMs } from '../../base/clock.ts';
import { conditionOf, setCondition } from '../../schema/conditions.ts';
import type { ObjectRef } from '../../schema/object.ts';
import { isPodReady, NODE_LOST } from '../../schema/pod-conditions.ts';
import type { Lease, Node, Pod } from '../../schema/types.gen.ts';
import {
  againAt,
  type Context,
  type Controller,
  done,
  type Result,
  watching,
} from '../harness/controller.ts';
import { decideNode, type NodeDecision } from './decide.ts';
import { type Heartbeats, heartbeats } from './heartbeats.ts';
import { zoneOf } from './zone-state.ts';

const NODE = { group: '', kind: 'Node' } as const;
const POD = { group: '', kind: 'Pod' } as const;
const LEASE = { group: 'coordination.k8s.io', kind: 'Lease' } as const;
/** Source: kubelet. */
const LEASE_NAMESPACE = 'kube-node-lease';

const isLost = (node: Node): boolean => conditionOf(node.status?.conditions, 'Ready')?.status !== 'True';

type Memory = {
  readonly heartbeats: Heartbeats;
  readonly registered: Set<string>;
  /** By zone. */
  readonly evictedAtMs: Map<string, EpochMs>;
};

/** Says of nodes that are not heard of that they are lost, keeps pods off them, and their pods from being taken for ready. */
export function nodeLifecycleController(): Controller {
  const memory: Memory = { heartbeats: heartbeats(), registered: new Set(), evictedAtMs: new Map() };
  return {
    name: 'node-controller',
    kind: NODE,
    watches: [
      watching<Lease>(LEASE, ({ metadata }) =>
        metadata.namespace === LEASE_NAMESPACE ? [`/${metadata.name}`] : [],
      ),
      // One that is lost, or is not any more, is a word on all that are.
      watching<Node>(NODE, (node, informers) =>
        isLost(node)
          ? [...informers.of<Node>(NODE).objects.values()]
              .filter((other) => isLost(other) && zoneOf(other) === zoneOf(node))
              .map(({ metadata }) => `/${metadata.name}`)
          : [],
      ),
    ],
    reconcile: (ref, context) => reconcile(ref, context, memory),
  };
}

async function reconcile(ref: ObjectRef, context: Context, memory: Memory): Promise<Result> {
  const { informers, events, now } = context;
  const { name } = ref;
  const node = informers.of<Node>(NODE).get(ref);
  if (node === undefined || node.metadata.deletionTimestamp !== undefined) {
    memory.heartbeats.forget(name);
    memory.registered.delete(name);
    return done;
  }
  if (!memory.registered.has(name)) {
    memory.registered.add(name);
    const message = `Node ${name} event: Registered Node ${name} in Controller`;
    events.record(node, { type: 'Normal', reason: 'RegisteredNode', message });
  }
  const lease = informers.of<Lease>(LEASE).get({ namespace: LEASE_NAMESPACE, name });
  const zone = zoneOf(node);
  const look = {
    node,
    lostAtMs: memory.heartbeats.lostAtMs(node, lease, now),
    others: () =>
      [...informers.of<Node>(NODE).objects.values()].filter(
        (other) => other.metadata.name !== name && zoneOf(other) === zone,
      ),
    evictedAtMs: memory.evictedAtMs.get(zone) ?? null,
  };
  const decision = decideNode(look, now);
  await write(node, decision, context);
  if (decision.evicts) memory.evictedAtMs.set(zone, now);
  for (const note of decision.notes) events.record(node, { type: 'Normal', ...note });
  if (decision.isLost) await unreadyPods(name, context);
  return againAt(decision.requeueAtMs);
}

/** CRASH: between the two, the next look finds the conditions and adds the taints. */
async function write(
  node: Node,
  { conditions, taints }: NodeDecision,
  { client, caller }: Context,
): Promise<void> {
  let current = node;
  if (conditions !== null)
    current = await client.update<Node>({ ...node, status: { ...node.status, conditions } }, caller, {
      subresource: 'status',
    });
  if (taints === null) return;
  await client.update<Node>({ ...current, spec: { ...current.spec, taints } }, caller);
}

/** Whoever sends to them would wait in vain. Source: upstream MarkPodsNotReady. */
async function unreadyPods(
  nodeName: string,
  { client, caller, informers, events, now }: Context,
): Promise<void> {
  for (const pod of informers.of<Pod>(POD).objects.values()) {
    if (pod.spec.nodeName !== nodeName || !isPodReady(pod)) continue;
    const lost = {
      ...{ type: 'Ready', status: 'False', reason: NODE_LOST },
      message: `Node ${nodeName} which was running the pod is not heard of`,
    };
    const status = { ...pod.status, conditions: setCondition(pod.status?.conditions, lost, now) };
    await client.update<Pod>({ ...pod, status }, caller, { subresource: 'status' });
    events.record(pod, { type: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready' });
  }
}
