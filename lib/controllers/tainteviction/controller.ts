import type { EpochMs } from '../../base/clock.ts';
import { setCondition } from '../../schema/conditions.ts';
import { type ObjectRef, refKey } from '../../schema/object.ts';
import type { Node, Pod } from '../../schema/types.gen.ts';
import {
  againAt,
  type Context,
  type Controller,
  done,
  type Result,
  watching,
} from '../harness/controller.ts';
import { keyOf } from '../harness/object-key.ts';
import { evictionAtMs } from './decide.ts';

const NODE = { group: '', kind: 'Node' } as const;
const POD = { group: '', kind: 'Pod' } as const;
const EVICTION = 'TaintManagerEviction';

const evicts = ({ spec }: Node): boolean => (spec.taints ?? []).some(({ effect }) => effect === 'NoExecute');

/** Deletes pods that their node's NoExecute taints will not have, when the time they tolerate them for is over. */
export function taintEvictionController(): Controller {
  /** Pods that are to leave, by refKey, and since when that is known. */
  const leaving = new Map<string, EpochMs>();
  return {
    name: 'taint-eviction-controller',
    kind: POD,
    watches: [
      watching<Node>(NODE, (node, informers) =>
        evicts(node)
          ? [...informers.of<Pod>(POD).objects.values()]
              .filter(({ spec }) => spec.nodeName === node.metadata.name)
              .map(keyOf)
          : [],
      ),
    ],
    reconcile: (ref, context) => reconcile(ref, context, leaving),
  };
}

async function reconcile(ref: ObjectRef, context: Context, leaving: Map<string, EpochMs>): Promise<Result> {
  const { informers, events, now } = context;
  const key = refKey(ref);
  const pod = informers.of<Pod>(POD).get(ref);
  const name = pod?.spec.nodeName;
  const node = name ? informers.of<Node>(NODE).get({ namespace: '', name }) : undefined;
  const since = leaving.get(key) ?? now;
  const atMs = pod && node ? evictionAtMs(pod, node.spec.taints ?? [], since) : null;
  if (pod === undefined || atMs === null) {
    if (leaving.delete(key) && pod !== undefined && pod.metadata.deletionTimestamp === undefined) {
      const message = `Cancelling deletion of Pod ${ref.namespace}/${ref.name}`;
      events.record(pod, { type: 'Normal', reason: EVICTION, message });
    }
    return done;
  }
  leaving.set(key, since);
  if (atMs > now) return againAt(atMs);
  await evict(pod, context);
  leaving.delete(key);
  return done;
}

/** CRASH: the pod says that it is about to go, and the next look deletes it. */
async function evict(pod: Pod, { client, caller, events, now }: Context): Promise<void> {
  const { name, namespace = '', uid = '' } = pod.metadata;
  const why = {
    ...{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager' },
    message: 'Taint manager: deleting due to NoExecute taint',
  };
  const status = { ...pod.status, conditions: setCondition(pod.status?.conditions, why, now) };
  const message = `Marking for deletion Pod ${namespace}/${name}`;
  events.record(pod, { type: 'Normal', reason: EVICTION, message });
  await client.update<Pod>({ ...pod, status }, caller, { subresource: 'status' });
  await client.delete({ ...POD, namespace, name }, { preconditions: { uid } }, caller);
}
