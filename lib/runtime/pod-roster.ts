import type { Pod } from '../schema/types.gen.ts';
import type { NodeEnd } from './pod/pod-state.ts';
import { type PodWorker, podWorker } from './pod-worker.ts';
import type { RuntimeEdge } from './runtime-edge.ts';
import { referencedObjects } from './volume/referenced-objects.ts';

/** The node's pods, a worker each, by uid: a pod that takes a deleted one's name is another pod. */
export type PodRoster = {
  see(pod: Pod): void;
  /** The API has this pod no more. */
  lose(pod: Pod): void;
  wake(podUid: string): void;
  /** It has more of the machine than it may. */
  evict(podUid: string, message: string): void;
  /** An object that pods of the namespace may refer to changed. */
  refresh(namespace: string, object: string): void;
  /** The driver has something of this pod; unless the API has the pod too, it is ended. */
  adoptOrphan(podUid: string): void;
  podOf(podUid: string): Pod | undefined;
  /** Something of this pod is still tended. */
  tends(podUid: string): boolean;
  /** Ends every pod for the node's sake, and takes no more; resolves when nothing runs. */
  leave(end: NodeEnd): Promise<void>;
  stop(): Promise<void>;
};

type Entry = {
  readonly worker: PodWorker;
  /** As seen last; null: the API does not have it. */
  pod: Pod | null;
  references: ReadonlySet<string>;
  /** Nothing is left of it; the entry stays until the API's own word, so that a late event does not bring it back. */
  over: boolean;
};

export function podRoster(edge: RuntimeEdge): PodRoster {
  const entries = new Map<string, Entry>();
  let stopped = false;

  const entryOf = (podUid: string): Entry => {
    const known = entries.get(podUid);
    if (known !== undefined) return known;
    const onGone = (): void => {
      entry.over = true;
      if (entry.pod === null) entries.delete(podUid);
    };
    const worker = podWorker({ podUid, edge, onGone });
    const entry: Entry = { worker, pod: null, references: new Set(), over: false };
    entries.set(podUid, entry);
    return entry;
  };

  return {
    see(pod) {
      const { uid } = pod.metadata;
      if (uid === undefined || stopped) return;
      const entry = entryOf(uid);
      if (entry.over) return;
      entry.pod = pod;
      entry.references = referencedObjects(pod);
      entry.worker.see(pod);
    },
    lose(pod) {
      const uid = pod.metadata.uid ?? '';
      const entry = entries.get(uid);
      if (entry === undefined) return;
      entry.pod = null;
      if (entry.over) entries.delete(uid);
      else entry.worker.see(null);
    },
    wake: (podUid) => entries.get(podUid)?.worker.wake(),
    evict: (podUid, message) => entries.get(podUid)?.worker.evict(message),
    refresh(namespace, object) {
      for (const { pod, references, worker } of entries.values()) {
        if ((pod?.metadata.namespace ?? 'default') === namespace && references.has(object)) worker.refresh();
      }
    },
    adoptOrphan(podUid) {
      if (!stopped && !entries.has(podUid)) entryOf(podUid).worker.see(null);
    },
    tends: (podUid) => entries.has(podUid),
    podOf: (podUid) => entries.get(podUid)?.pod ?? undefined,
    async leave(end) {
      stopped = true;
      await Promise.all([...entries.values()].map(({ worker }) => worker.leave(end)));
    },
    async stop() {
      stopped = true;
      await Promise.all([...entries.values()].map(({ worker }) => worker.stop()));
    },
  };
}
