import { assertNever } from '../../base/errors.ts';
import { groupOf, type KubeObject } from '../../schema/object.ts';
import type { ObjectMeta, OwnerReference } from '../../schema/types.gen.ts';
import { isApiError } from '../api-error.ts';
import type { Caller, Client } from '../client.ts';
import type { GarbageAction } from './decide-garbage.ts';
import type { GraphNode } from './ownership-graph.ts';

/**
 * Does one action to the object as it is now. Nothing is done when it is another object by now, or when an owner
 * thought absent is there after all.
 */
export async function applyGarbage(client: Client, caller: Caller, action: GarbageAction): Promise<void> {
  const { node } = action;
  const live = await client.get(node.ref, caller);
  if (live === null || live.metadata.uid !== node.uid) return;
  try {
    await apply(client, caller, action, live);
  } catch (failure) {
    // Gone meanwhile: that was the aim.
    if (!isApiError(failure, 'NotFound')) throw failure;
  }
}

async function apply(client: Client, caller: Caller, action: GarbageAction, live: KubeObject): Promise<void> {
  const { node } = action;
  const owners = live.metadata.ownerReferences ?? [];
  switch (action.type) {
    case 'remove-finalizer': {
      const finalizers = (live.metadata.finalizers ?? []).filter((name) => name !== action.finalizer);
      return writeMetadata(client, caller, live, { finalizers });
    }
    case 'drop-owners':
      return writeMetadata(client, caller, live, {
        ownerReferences: owners.filter((owner) => !action.uids.includes(owner.uid)),
      });
    case 'unblock-owners':
      return writeMetadata(client, caller, live, {
        ownerReferences: owners.map((owner) => ({ ...owner, blockOwnerDeletion: false })),
      });
    case 'delete': {
      for (const owner of action.absent) if (await exists(client, caller, node, owner)) return;
      const { uid, resourceVersion } = live.metadata;
      // The owners were judged at this revision: had they changed since, the delete is refused and judged again.
      const preconditions = { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) };
      if (resourceVersion !== node.resourceVersion) return;
      await client.delete(node.ref, { propagation: action.propagation, preconditions }, caller);
      return;
    }
    default:
      return assertNever(action);
  }
}

async function writeMetadata(
  client: Client,
  caller: Caller,
  live: KubeObject,
  change: Partial<ObjectMeta>,
): Promise<void> {
  await client.update({ ...live, metadata: { ...live.metadata, ...change } }, caller);
}

async function exists(
  client: Client,
  caller: Caller,
  node: GraphNode,
  reference: OwnerReference,
): Promise<boolean> {
  const kind =
    client.schema.kindOf(reference.apiVersion, reference.kind) ??
    client.schema.kind({ group: groupOf(reference.apiVersion), kind: reference.kind });
  if (kind === undefined) return true;
  const namespace = kind.namespaced ? node.ref.namespace : '';
  const owner = await client.get(
    { group: kind.group, kind: kind.kind, namespace, name: reference.name },
    caller,
  );
  return owner !== null && owner.metadata.uid === reference.uid;
}
