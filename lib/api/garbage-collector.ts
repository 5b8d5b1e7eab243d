import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Kind } from '../schema/schema.ts';
import type { Caller, Client } from './client.ts';
import { applyGarbage } from './garbage/apply-garbage.ts';
import { decideGarbage } from './garbage/decide-garbage.ts';
import { startEventExpiry } from './garbage/expire-events.ts';
import { garbageWork } from './garbage/garbage-work.ts';
import { removeNamespaceContent } from './garbage/namespace-content.ts';
import { type OwnershipGraph, ownershipGraph, ownershipOnly } from './garbage/ownership-graph.ts';
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
  /** Namespaces on their way out. */
  const going = new Set<string>();
  const owned = garbageWork({ clock, log, look: (uid) => collect(client, graph, uid) });
  const namespaces = garbageWork({
    clock,
    log,
    look: (name) => removeNamespaceContent(client, caller, { name, now: clock.now() }),
  });

  const onChange = ({ before, after }: Change): void => {
    for (const uid of graph.change(before, after)) owned.mark(uid);
    const object = after ?? before;
    if (object === undefined) return;
    const { name, namespace = '', deletionTimestamp } = object.metadata;
    if (object.apiVersion === 'v1' && object.kind === 'Namespace') {
      going.delete(name);
      if (after === undefined || deletionTimestamp === undefined) return;
      going.add(name);
      namespaces.mark(name);
    } else if (after === undefined && going.has(namespace)) namespaces.mark(namespace);
  };
  const following = client.schema.kinds
    .filter(hasOwners)
    .map((kind) => informer(client, kind, caller, { keep: ownershipOnly, onChange }));
  const expiry = startEventExpiry(client, { clock, log, caller });
  const parts = [owned, namespaces, expiry];
  // Nothing is judged before everything is known: an owner not listed yet would look absent.
  const synced = Promise.all([...following, expiry].map((each) => each.synced)).then(() => {
    owned.start();
    namespaces.start();
  });
  return {
    synced,
    stop: () => [...parts, ...following].forEach((part) => void part.stop()),
    idle: () => parts.every((part) => part.idle()),
  };
}

/** Events have a life of their own, and what Pintle keeps for itself belongs to nobody. */
function hasOwners(kind: Kind): boolean {
  return isKept(kind) && !kind.internal && !(kind.group === '' && kind.kind === 'Event');
}

async function collect(client: Client, graph: OwnershipGraph, uid: string): Promise<void> {
  const node = graph.node(uid);
  if (node === undefined) return;
  for (const action of decideGarbage(graph, client.schema, node)) await applyGarbage(client, caller, action);
}
