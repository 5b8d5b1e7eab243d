import type { EpochMs } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';
import type { ObjectRef } from '../../schema/object.ts';
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
import { forgetPod } from './forget-pod.ts';

const NODE = { group: '', kind: 'Node' } as const;
const POD = { group: '', kind: 'Pod' } as const;

/**
 * Forgets pods whose node is no more: nobody is there who could end them. A node that is missing is given some time, for it may be about
 * to register.
 */
export function podGarbageController(): Controller {
  /** Nodes that are missing, by name, and since when. */
  const missing = new Map<string, EpochMs>();
  return {
    name: 'pod-garbage-collector',
    kind: POD,
    watches: [
      watching<Node>(NODE, ({ metadata: { name } }, informers) => {
        if (informers.of<Node>(NODE).get({ namespace: '', name }) !== undefined) {
          // Missing again is missing anew, whether or not it has pods that are looked at meanwhile.
          missing.delete(name);
          return [];
        }
        return [...informers.of<Pod>(POD).objects.values()]
          .filter(({ spec }) => spec.nodeName === name)
          .map(keyOf);
      }),
    ],
    reconcile: (ref, context) => reconcile(ref, context, missing),
  };
}

async function reconcile(
  ref: ObjectRef,
  { informers, client, caller, now }: Context,
  missing: Map<string, EpochMs>,
): Promise<Result> {
  const pod = informers.of<Pod>(POD).get(ref);
  const nodeName = pod?.spec.nodeName;
  if (pod === undefined || !nodeName) return done;
  if (informers.of<Node>(NODE).get({ namespace: '', name: nodeName }) !== undefined) return done;
  const since = missing.get(nodeName) ?? now;
  missing.set(nodeName, since);
  const atMs = since + timings.absentNodeGraceMs;
  if (now < atMs) return againAt(atMs);
  await forgetPod(pod, { client, caller, now });
  return done;
}
