import { limits } from '../base/limits.ts';
import { type KindRef, type KubeObject, refOf } from '../schema/object.ts';
import { isApiError } from './api-error.ts';
import type { Caller, Client, DeleteOptions, ListOptions } from './client.ts';

/**
 * Deletes every object a list would name, and gives back what it deleted as it was listed. What is gone meanwhile was to go. Not
 * one transaction, as it is none in Kubernetes: what a failure leaves is deleted by asking again.
 */
export async function deleteCollection(
  client: Client,
  kind: KindRef,
  of: {
    readonly selection: Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector'>;
    readonly options: DeleteOptions;
  },
  caller: Caller,
): Promise<readonly KubeObject[]> {
  const deleted: KubeObject[] = [];
  let continueToken: string | undefined;
  do {
    const page = await client.list(
      kind,
      { ...of.selection, limit: limits.deleteCollectionPageObjects, ...(continueToken && { continueToken }) },
      caller,
    );
    for (const object of page.items) {
      try {
        await client.delete(refOf(object), of.options, caller);
        deleted.push(object);
      } catch (failure) {
        if (!isApiError(failure, 'NotFound')) throw failure;
      }
    }
    continueToken = page.continueToken;
  } while (continueToken !== undefined);
  return deleted;
}
