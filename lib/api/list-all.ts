import { limits } from '../base/limits.ts';
import type { KindRef, KubeObject } from '../schema/object.ts';
import { isApiError } from './api-error.ts';
import type { Caller, Client, ObjectList } from './client.ts';

/** Every object of a kind, page by page over one snapshot; from the beginning when the snapshot is lost on the way. */
export async function listAll<T extends KubeObject>(
  client: Client,
  kind: KindRef,
  caller: Caller,
): Promise<ObjectList<T>> {
  const items: T[] = [];
  let continueToken: string | undefined;
  for (;;) {
    try {
      const page = await client.list<T>(
        kind,
        { limit: limits.informerPageObjects, ...(continueToken && { continueToken }) },
        caller,
      );
      items.push(...page.items);
      continueToken = page.continueToken;
      if (continueToken === undefined) return { items, resourceVersion: page.resourceVersion };
    } catch (failure) {
      if (continueToken === undefined || !isApiError(failure, 'Expired', 'Gone')) throw failure;
      items.length = 0;
      continueToken = undefined;
    }
  }
}
