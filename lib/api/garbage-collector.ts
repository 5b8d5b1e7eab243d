import type { Clock, Timer } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { limits, timings } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Caller, Client } from './client.ts';
import { applyGarbage } from './garbage/apply-garbage.ts';
import { decideGarbage } from './garbage/decide-garbage.ts';
import { startEventExpiry } from './garbage/expire-events.ts';
import { removeNamespaceContent } from './garbage/namespace-content.ts';
import { ownershipGraph, ownershipOnly } from './garbage/ownership-graph.ts';
import { type Change, informer } from './informer.ts';
import { isKept } from './storable-kind.ts';

const caller: Caller = {
  user: 'system:serviceaccount:kube-system:generic-garbage-collector',
  groups: ['system:masters'],
  fieldManager: 'garbage-collector',
};

/**
 * Ownership, the content of namespaces on their way out, and old Events, until stopped. Knows only the Client: it looks at
 * what is, never at what happened, so a restart takes up where it was.
 */
export function startGarbageCollector(
  client: Client,
  clock: Clock,
  log: Log,
): { readonly synced: Promise<void>; stop(): void; idle(): boolean } {
  const graph = ownershipGraph();
  /** uids of objects, and names of namespaces, to look at. */
  const dirty = new Set<string>();
  const terminating = new Set<string>();
  const dirtyNamespaces = new Set<string>();
  let state: 'starting' | 'idle' | 'running' | 'stopped' = 'starting';
  let retry: Timer | null = null;
  const retryLater: (() => void)[] = [];

  const onChange = ({ before, after }: Change): void => {
    for (const uid of graph.change(before, after)) dirty.add(uid);
    noteNamespace(before, after);
    wake();
  };
  const noteNamespace = (before: KubeObject | undefined, after: KubeObject | undefined): void => {
    const object = after ?? before;
    if (object === undefined) return;
    if (object.kind === 'Namespace' && object.apiVersion === 'v1') {
      const { name, deletionTimestamp } = object.metadata;
      const going = after !== undefined && deletionTimestamp !== undefined;
      if (going) terminating.add(name);
      else terminating.delete(name);
      if (going) dirtyNamespaces.add(name);
    } else if (after === undefined && terminating.has(object.metadata.namespace ?? '')) {
      dirtyNamespaces.add(object.metadata.namespace ?? '');
    }
  };
  const wake = (): void => {
    if (state !== 'idle' || (dirty.size === 0 && dirtyNamespaces.size === 0)) return;
    state = 'running';
    void run();
  };
  const run = async (): Promise<void> => {
    while (state === 'running' && (dirty.size > 0 || dirtyNamespaces.size > 0)) {
      // Many at a time: their writes share a commit.
      await Promise.all(take(dirty).map((uid) => attempt(dirty, uid, () => collect(uid))));
      for (const namespace of take(dirtyNamespaces)) {
        await attempt(dirtyNamespaces, namespace, () => removeNamespaceContent(client, caller, namespace));
      }
    }
    if (state === 'running') state = 'idle';
  };
  const collect = async (uid: string): Promise<void> => {
    const node = graph.node(uid);
    if (node === undefined) return;
    for (const action of decideGarbage(graph, client.schema, node))
      await applyGarbage(client, caller, action);
  };
  /** A failure is the world's, or a race lost: looked at again a little later. */
  const attempt = async (queue: Set<string>, item: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (failure) {
      log.debug('garbage-retry', { item, error: messageOf(failure) });
      retryLater.push(() => queue.add(item));
      retry ??= clock.setTimer(timings.garbageRetryMs, () => {
        retry = null;
        for (const again of retryLater.splice(0)) again();
        wake();
      });
    }
  };
  const kinds = client.schema.kinds.filter(
    (kind) => isKept(kind) && !kind.internal && !(kind.group === '' && kind.kind === 'Event'),
  );
  const following = kinds.map((kind) => informer(client, kind, caller, { keep: ownershipOnly, onChange }));
  const expiry = startEventExpiry(client, { clock, log, caller });
  const synced = Promise.all([...following.map((each) => each.synced), expiry.synced]).then(() => {
    if (state === 'starting') state = 'idle';
    wake();
  });
  return {
    synced,
    stop() {
      state = 'stopped';
      retry?.cancel();
      expiry.stop();
      for (const each of following) each.stop();
    },
    idle: () => (state === 'idle' || state === 'stopped') && retry === null && expiry.idle(),
  };
}

/** Some of the queue, taken out of it. */
function take(queue: Set<string>): readonly string[] {
  const taken = [...queue].slice(0, limits.garbageBatchObjects);
  for (const item of taken) queue.delete(item);
  return taken;
}
