import type { EpochMs } from '../../base/clock.ts';
import { isObject } from '../../base/json.ts';
import { limits } from '../../base/limits.ts';
import { type KubeObject, refOf } from '../../schema/object.ts';
import type { Kind } from '../../schema/schema.ts';
import type { Namespace } from '../../schema/types.gen.ts';
import { isApiError } from '../api-error.ts';
import type { Caller, Client } from '../client.ts';
import { isKept } from '../storable-kind.ts';
import { deletionConditions, type Remaining } from './namespace-conditions.ts';

/** The kinds whose objects live in namespaces. */
export function contentKinds(client: Client): readonly Kind[] {
  return client.schema.kinds.filter((kind) => kind.namespaced && isKept(kind));
}

/**
 * Deletes what a namespace on its way out holds, and lets the namespace go once nothing is left; until then its status says what is. To be
 * called again whenever something in it is gone (pods take their grace period, finalizers their time). True when it was let go.
 */
export async function removeNamespaceContent(
  client: Client,
  caller: Caller,
  { name, now }: { readonly name: string; readonly now: EpochMs },
): Promise<boolean> {
  const ref = { group: '', kind: 'Namespace', namespace: '', name };
  const namespace = await client.get<Namespace & KubeObject>(ref, caller);
  if (namespace === null || namespace.metadata.deletionTimestamp === undefined) return false;
  const instances = new Map<string, number>();
  const finalizers = new Map<string, number>();
  for (const kind of contentKinds(client)) {
    const left = await removeAll(client, caller, kind, name);
    if (left.length > 0) instances.set(`${kind.plural}.${kind.group}`, left.length);
    for (const finalizer of left.flatMap(({ metadata }) => metadata.finalizers ?? []))
      finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
  }
  if (instances.size > 0) {
    await tell(client, caller, { namespace, remaining: { instances, finalizers }, now });
    return false;
  }
  const spec = { ...(isObject(namespace.spec) ? namespace.spec : {}), finalizers: [] };
  await client.update({ ...namespace, spec }, caller);
  return true;
}

async function tell(
  client: Client,
  caller: Caller,
  of: { readonly namespace: Namespace & KubeObject; readonly remaining: Remaining; readonly now: EpochMs },
): Promise<void> {
  const { namespace, remaining, now } = of;
  const before = namespace.status?.conditions;
  const conditions = deletionConditions(before, remaining, now);
  if (conditions === before || conditions === undefined) return;
  const status = { ...namespace.status, conditions };
  try {
    await client.update({ ...namespace, status }, caller, { subresource: 'status' });
  } catch (failure) {
    // Somebody wrote it meanwhile: what is left is told the next time.
    if (!isApiError(failure, 'Conflict') && !isApiError(failure, 'NotFound')) throw failure;
  }
}

/** Those that stay for now. */
async function removeAll(
  client: Client,
  caller: Caller,
  kind: Kind,
  namespace: string,
): Promise<readonly KubeObject[]> {
  const left: KubeObject[] = [];
  let continueToken: string | undefined;
  do {
    const page = await client.list(
      kind,
      { namespace, limit: limits.garbageBatchObjects, ...(continueToken && { continueToken }) },
      caller,
    );
    const stayed = await Promise.all(page.items.map((object) => staysAfterDelete(client, caller, object)));
    left.push(...page.items.filter((_object, at) => stayed[at]));
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
