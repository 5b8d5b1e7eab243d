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
import { type Change, type Informer, informer } from './informer.ts';
import { isKept } from './storable-kind.ts';

const caller: Caller = {
  user: 'system:serviceaccount:kube-system:generic-garbage-collector',
  groups: ['system:masters'],
  fieldManager: 'garbage-collector',
};

export type GarbageCollector = {
  readonly synced: Promise<void>;
  /** The kinds of the client's schema are others than before: those that came are followed, those that went are not. */
  kindsChanged(): void;
  stop(): void;
  idle(): boolean;
};

/**
 * Ownership, the content of namespaces on their way out, and old Events, until stopped. Knows only the Client: it looks at
 * what is, never at what happened, so a restart takes up where it was.
 */
export function startGarbageCollector(client: Client, clock: Clock, log: Log): GarbageCollector {
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
  const following = new Map<string, Informer>();
  const follow = (): void => {
    const wanted = new Map(client.schema.kinds.filter(hasOwners).map((kind) => [keyOf(kind), kind]));
    for (const [key, each] of following) {
      if (wanted.has(key)) continue;
      // Its objects went before their kind did.
      each.stop();
      following.delete(key);
    }
    for (const [key, kind] of wanted) {
      if (!following.has(key)) {
        following.set(key, informer(client, kind, caller, { keep: ownershipOnly, onChange }));
      }
    }
  };
  follow();
  const expiry = startEventExpiry(client, { clock, log, caller });
  const parts = [owned, namespaces, expiry];
  // Nothing is judged before everything is known: an owner not listed yet would look absent.
  const synced = Promise.all([...following.values(), expiry].map((each) => each.synced)).then(() => {
    owned.start();
    namespaces.start();
  });
  return {
    synced,
    // An owner whose kind is only being listed is asked for in the API before anything is deleted on its account.
    kindsChanged: follow,
    stop: () => [...parts, ...following.values()].forEach((part) => void part.stop()),
    idle: () => parts.every((part) => part.idle()),
  };
}

function keyOf({ group, kind }: Kind): string {
  return `${group}/${kind}`;
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
