import { groupOf } from '../../schema/object.ts';
import type { Schema } from '../../schema/schema.ts';
import type { OwnerReference } from '../../schema/types.gen.ts';
import type { DeleteOptions } from '../client.ts';
import { FOREGROUND_FINALIZER, ORPHAN_FINALIZER } from '../delete-object.ts';
import type { GraphNode, OwnershipGraph } from './ownership-graph.ts';

export type GarbageAction =
  /** The owner lets go: its finalizer goes, and with the last one the object. */
  | { readonly type: 'remove-finalizer'; readonly node: GraphNode; readonly finalizer: string }
  | { readonly type: 'drop-owners'; readonly node: GraphNode; readonly uids: readonly string[] }
  /** `absent`: owners that must be found gone in the API itself before this is done. */
  | {
      readonly type: 'delete';
      readonly node: GraphNode;
      readonly propagation: NonNullable<DeleteOptions['propagation']>;
      readonly absent: readonly OwnerReference[];
    }
  /** A circle of owners that wait for one another: its last link stops holding. */
  | { readonly type: 'unblock-owners'; readonly node: GraphNode };

/**
 * What to do about one object. Source: the garbage collector's attemptToDeleteItem, processDeletingDependentsItem and
 * attemptToOrphan (semantics sheet, section 12).
 */
export function decideGarbage(
  graph: OwnershipGraph,
  schema: Schema,
  node: GraphNode,
): readonly GarbageAction[] {
  if (node.deleting && node.finalizers.includes(ORPHAN_FINALIZER)) return orphan(graph, node);
  if (node.deleting && node.finalizers.includes(FOREGROUND_FINALIZER)) return releaseForeground(graph, node);
  if (node.deleting || node.owners.length === 0) return [];
  return collect(graph, schema, node);
}

/** Dependents lose the owner first, then the owner goes. */
function orphan(graph: OwnershipGraph, node: GraphNode): readonly GarbageAction[] {
  const dependents = graph.dependents(node.uid);
  if (dependents.length === 0) return [{ type: 'remove-finalizer', node, finalizer: ORPHAN_FINALIZER }];
  return dependents.map((dependent) => ({ type: 'drop-owners', node: dependent, uids: [node.uid] }));
}

/** Dependents are deleted on their own account (see collect); the owner waits for those that say they hold it. */
function releaseForeground(graph: OwnershipGraph, node: GraphNode): readonly GarbageAction[] {
  const blocking = graph
    .dependents(node.uid)
    .some((dependent) =>
      dependent.owners.some((owner) => owner.uid === node.uid && owner.blockOwnerDeletion === true),
    );
  return blocking ? [] : [{ type: 'remove-finalizer', node, finalizer: FOREGROUND_FINALIZER }];
}

function collect(graph: OwnershipGraph, schema: Schema, node: GraphNode): readonly GarbageAction[] {
  const standing = node.owners.map((owner) => ({ owner, is: standingOf(graph, schema, node, owner) }));
  const of = (is: Standing): readonly OwnerReference[] =>
    standing.filter((each) => each.is === is).map((each) => each.owner);
  const absent = of('absent');
  const waiting = of('waiting');
  if (of('solid').length > 0) {
    const uids = [...absent, ...waiting].map((owner) => owner.uid);
    return uids.length === 0 ? [] : [{ type: 'drop-owners', node, uids }];
  }
  const dependents = graph.dependents(node.uid);
  if (waiting.length > 0 && dependents.length > 0) {
    const circle = dependents.some((each) => each.deleting && each.finalizers.includes(FOREGROUND_FINALIZER));
    const unblock: readonly GarbageAction[] = circle ? [{ type: 'unblock-owners', node }] : [];
    return [...unblock, { type: 'delete', node, propagation: 'Foreground', absent }];
  }
  return [{ type: 'delete', node, propagation: propagationOf(node), absent }];
}

/** A finalizer that was there before says how its object wanted to go. */
function propagationOf(node: GraphNode): NonNullable<DeleteOptions['propagation']> {
  if (node.finalizers.includes(ORPHAN_FINALIZER)) return 'Orphan';
  return node.finalizers.includes(FOREGROUND_FINALIZER) ? 'Foreground' : 'Background';
}

type Standing = 'solid' | 'waiting' | 'absent';

function standingOf(
  graph: OwnershipGraph,
  schema: Schema,
  node: GraphNode,
  reference: OwnerReference,
): Standing {
  const kind =
    schema.kindOf(reference.apiVersion, reference.kind) ??
    schema.kind({ group: groupOf(reference.apiVersion), kind: reference.kind });
  // An owner that cannot be looked up may be there: nothing is deleted on a guess.
  if (kind === undefined || (kind.namespaced && node.ref.namespace === '')) return 'solid';
  const owner = graph.node(reference.uid);
  if (owner === undefined) return 'absent';
  // An owner in another namespace is none.
  if (kind.namespaced && owner.ref.namespace !== node.ref.namespace) return 'absent';
  return owner.deleting && owner.finalizers.includes(FOREGROUND_FINALIZER) ? 'waiting' : 'solid';
}
