import { isApiError } from '../../api/api-error.ts';
import type { Timer } from '../../base/clock.ts';
import { messageOf, WorldError } from '../../base/errors.ts';
import { deepEqual } from '../../base/json.ts';
import { timings } from '../../base/limits.ts';
import { isMirrorPod, staticAnnotations } from '../../schema/mirror-pod.ts';
import { ownerReferenceTo } from '../../schema/owner.ts';
import type { Node, Pod } from '../../schema/types.gen.ts';
import type { RuntimeEdge } from '../runtime-edge.ts';

export type MirrorPods = {
  /** The mirror of this name, or what it mirrors, is another. */
  wake(namespace: string, name: string): void;
  stop(): void;
};

/**
 * Keeps in the API what shows the static pods of a node: each made, made again when somebody deletes it, its status and ports written,
 * and removed when the node runs no such pod. Pods run whatever becomes of their mirrors.
 */
export function mirrorPods(options: {
  readonly edge: Pick<RuntimeEdge, 'client' | 'caller' | 'clock' | 'log' | 'events' | 'nodeName'>;
  /** The static pod of a name as it runs; null: there is none. */
  readonly podOf: (namespace: string, name: string) => Pod | null;
}): MirrorPods {
  const { client, caller, clock, log, events, nodeName } = options.edge;
  const working = new Map<string, { again: boolean }>();
  const timers = new Map<string, Timer>();
  /** Told once for each text. */
  const told = new Map<string, string>();
  let stopped = false;

  const remove = async ({ metadata }: Pod): Promise<void> => {
    const { namespace = 'default', name, uid } = metadata;
    const preconditions = uid === undefined ? {} : { preconditions: { uid } };
    try {
      await client.delete(
        { group: '', kind: 'Pod', namespace, name },
        { gracePeriodSeconds: 0, ...preconditions },
        caller,
      );
    } catch (failure) {
      if (!isApiError(failure, 'NotFound', 'Conflict')) throw failure;
    }
  };
  const create = async (pod: Pod): Promise<Pod> => {
    const node = await client.get<Node>({ group: '', kind: 'Node', namespace: '', name: nodeName }, caller);
    const { name, namespace, labels, annotations, uid = '' } = pod.metadata;
    const metadata = {
      ...{ name, namespace },
      ...(labels !== undefined && { labels }),
      annotations: { ...annotations, [staticAnnotations.mirror]: uid },
      ...(node !== null && { ownerReferences: [ownerReferenceTo(node)] }),
    };
    return client.create<Pod>({ apiVersion: 'v1', kind: 'Pod', metadata, spec: pod.spec }, caller);
  };
  const sync = async (namespace: string, name: string): Promise<void> => {
    const pod = options.podOf(namespace, name);
    let mirror = await client.get<Pod>({ group: '', kind: 'Pod', namespace, name }, caller);
    if (mirror !== null && !isMirrorPod(mirror)) {
      if (pod !== null)
        throw new WorldError('NOT_MIRRORED', `another pod of the API is called ${namespace}/${name}`);
      return;
    }
    const shows = mirror?.metadata.annotations?.[staticAnnotations.mirror];
    const isStale = mirror?.metadata.deletionTimestamp !== undefined || shows !== pod?.metadata.uid;
    if (mirror !== null && isStale && mirror.spec.nodeName === nodeName) {
      // CRASH: the next daemon finds none, and makes it.
      await remove(mirror);
      mirror = null;
    }
    if (pod === null) return;
    const current = mirror ?? (await create(pod));
    const annotated = await withAnnotations(current, pod);
    if (pod.status !== undefined && !deepEqual(annotated.status, pod.status))
      await client.update<Pod>({ ...annotated, status: pod.status }, caller, { subresource: 'status' });
    told.delete(`${namespace}/${name}`);
  };
  /** Where its ports listen is known once it has a place. */
  const withAnnotations = async (mirror: Pod, pod: Pod): Promise<Pod> => {
    const wanted = { ...pod.metadata.annotations, [staticAnnotations.mirror]: pod.metadata.uid ?? '' };
    const seen = mirror.metadata.annotations?.[staticAnnotations.seen];
    const annotations = seen === undefined ? wanted : { ...wanted, [staticAnnotations.seen]: seen };
    if (deepEqual(mirror.metadata.annotations, annotations)) return mirror;
    return client.update<Pod>({ ...mirror, metadata: { ...mirror.metadata, annotations } }, caller);
  };
  const attempt = async (key: string, namespace: string, name: string): Promise<void> => {
    try {
      await sync(namespace, name);
    } catch (failure) {
      if (!isApiError(failure) && !(failure instanceof WorldError)) throw failure;
      const isConflict = isApiError(failure, 'Conflict', 'AlreadyExists');
      const message = `It cannot be mirrored: ${messageOf(failure)}`;
      const pod = options.podOf(namespace, name);
      if (!isConflict && told.get(key) !== message) {
        told.set(key, message);
        log.warn('static-pod-not-mirrored', { pod: key, failure: messageOf(failure) });
        if (pod !== null) events.record(pod, { type: 'Warning', reason: 'FailedMirror', message });
      }
      timers.get(key)?.cancel();
      const delayMs = isConflict ? timings.conflictRetryMs : timings.mirrorRetryMs;
      if (!stopped)
        timers.set(
          key,
          clock.setTimer(delayMs, () => wake(namespace, name)),
        );
    }
  };
  const wake = (namespace: string, name: string): void => {
    const key = `${namespace}/${name}`;
    const state = working.get(key);
    if (state !== undefined) {
      state.again = true;
      return;
    }
    if (stopped) return;
    const fresh = { again: true };
    working.set(key, fresh);
    const work = async (): Promise<void> => {
      while (fresh.again && !stopped) {
        fresh.again = false;
        await attempt(key, namespace, name);
      }
      working.delete(key);
    };
    void work();
  };
  return {
    wake,
    stop() {
      stopped = true;
      for (const timer of timers.values()) timer.cancel();
    },
  };
}
