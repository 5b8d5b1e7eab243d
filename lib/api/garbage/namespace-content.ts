import { isObject } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import { type KubeObject, refOf } from '../../schema/object.ts';
import type { Kind } from '../../schema/schema.ts';
import { isApiError } from '../api-error.ts';
import type { Caller, Client } from '../client.ts';
import { isKept } from '../storable-kind.ts';

/** The kinds whose objects live in namespaces. */
export function contentKinds(client: Client): readonly Kind[] {
  return client.schema.kinds.filter((kind) => kind.namespaced && isKept(kind));
}

/**
 * Deletes what a namespace on its way out holds, and lets the namespace go once nothing is left. To be called again
 * whenever something in it is gone (pods take their grace period, finalizers their time). True when the namespace was let go.
 */
export async function removeNamespaceContent(client: Client, caller: Caller, name: string): Promise<boolean> {
  const ref = { group: '', kind: 'Namespace', namespace: '', name };
  const namespace = await client.get(ref, caller);
  if (namespace === null || namespace.metadata.deletionTimestamp === undefined) return false;
  let left = 0;
  for (const kind of contentKinds(client)) left += await removeAll(client, caller, kind, name);
  if (left > 0) return false;
  const spec = { ...(isObject(namespace.spec) ? namespace.spec : {}), finalizers: [] };
  await client.update({ ...namespace, spec }, caller);
  return true;
}

/** How many stay for now. */
async function removeAll(client: Client, caller: Caller, kind: Kind, namespace: string): Promise<number> {
  let left = 0;
  let continueToken: string | undefined;
  do {
    const page = await client.list(
      kind,
      { namespace, limit: limits.garbageBatchObjects, ...(continueToken && { continueToken }) },
      caller,
    );
    const stayed = await Promise.all(page.items.map((object) => staysAfterDelete(client, caller, object)));
    left += stayed.filter((stays) => stays).length;
    continueToken = page.continueToken;
  } while (continueToken !== undefined);
  return left;
}

async function staysAfterDelete(client: Client, caller: Caller, object: KubeObject): Promise<boolean> {
  if (object.metadata.deletionTimestamp !== undefined) return true;
  const { uid } = object.metadata;
  try {
    const preconditions = uid === undefined ? {} : { uid };
    return (
      (await client.delete(refOf(object), { propagation: 'Background', preconditions }, caller)) !== null
    );
  } catch (failure) {
    if (isApiError(failure, 'NotFound')) return false;
    if (isApiError(failure, 'Conflict')) return true;
    throw failure;
  }
}
