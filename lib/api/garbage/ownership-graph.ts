import { type KubeObject, type ObjectRef, refOf } from '../../schema/object.ts';
import type { OwnerReference } from '../../schema/types.gen.ts';

/** What garbage collection knows of an object. */
export type GraphNode = {
  readonly ref: ObjectRef;
  readonly apiVersion: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly owners: readonly OwnerReference[];
  readonly finalizers: readonly string[];
  readonly deleting: boolean;
};

/** Who owns whom, by uid. */
export type OwnershipGraph = {
  node(uid: string): GraphNode | undefined;
  /** Those that name this uid as an owner and live where its dependents may: anywhere when it has no namespace, else in its own. */
  dependents(uid: string): readonly GraphNode[];
};

export type KeptGraph = OwnershipGraph & {
  /** Takes an object's change in; gives the uids whose fate it may have changed. */
  change(before: KubeObject | undefined, after: KubeObject | undefined): readonly string[];
  uids(): readonly string[];
};

export function ownershipGraph(): KeptGraph {
  const nodes = new Map<string, GraphNode>();
  const byOwner = new Map<string, Set<string>>();

  const unlink = (node: GraphNode): void => {
    for (const owner of node.owners) {
      const group = byOwner.get(owner.uid);
      group?.delete(node.uid);
      if (group?.size === 0) byOwner.delete(owner.uid);
    }
  };
  const link = (node: GraphNode): void => {
    for (const owner of node.owners) {
      byOwner.set(owner.uid, (byOwner.get(owner.uid) ?? new Set()).add(node.uid));
    }
  };
  const remove = (uid: string): GraphNode | undefined => {
    const node = nodes.get(uid);
    nodes.delete(uid);
    if (node !== undefined) unlink(node);
    return node;
  };
  return {
    node: (uid) => nodes.get(uid),
    dependents(uid) {
      const namespace = nodes.get(uid)?.ref.namespace ?? '';
      const found = [...(byOwner.get(uid) ?? [])].flatMap((dependent) => nodes.get(dependent) ?? []);
      return namespace === '' ? found : found.filter((node) => node.ref.namespace === namespace);
    },
    change(before, after) {
      const gone = before?.metadata.uid === undefined ? undefined : remove(before.metadata.uid);
      const node = after === undefined ? undefined : nodeOf(after);
      if (node !== undefined) {
        nodes.set(node.uid, node);
        link(node);
      }
      const uids = [gone, node].flatMap((each) =>
        each === undefined
          ? []
          : [each.uid, ...each.owners.map((owner) => owner.uid), ...(byOwner.get(each.uid) ?? [])],
      );
      return [...new Set(uids)];
    },
    uids: () => [...nodes.keys()],
  };
}

function nodeOf(object: KubeObject): GraphNode {
  const { uid = '', resourceVersion = '', ownerReferences = [], finalizers = [] } = object.metadata;
  return {
    ref: refOf(object),
    apiVersion: object.apiVersion,
    uid,
    resourceVersion,
    owners: ownerReferences,
    finalizers,
    deleting: object.metadata.deletionTimestamp !== undefined,
  };
}

/** What of an object the graph needs: kept in place of the whole. */
export function ownershipOnly<T extends KubeObject>(object: T): T {
  const { name, namespace, uid, resourceVersion, ownerReferences, finalizers, deletionTimestamp } =
    object.metadata;
  const metadata = { name, namespace, uid, resourceVersion, ownerReferences, finalizers, deletionTimestamp };
  return { apiVersion: object.apiVersion, kind: object.kind, metadata } as T;
}
