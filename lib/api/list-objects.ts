import type { KubeObject } from '../schema/object.ts';
import type { Kind } from '../schema/schema.ts';
import { type ListPage, type Store, StoreExpired } from '../store/store.ts';
import { ApiError } from './api-error.ts';
import type { ListOptions, ObjectList } from './client.ts';
import { decodeContinue, encodeContinue } from './continue-token.ts';
import type { ObjectCodec } from './object-codec.ts';
import { keyPrefix } from './object-key.ts';
import { checkListedRevision } from './revision-rules.ts';
import { selectionOf } from './selection.ts';

export function listObjects(store: Store, codec: ObjectCodec, kind: Kind, options: ListOptions): ObjectList {
  const prefix = keyPrefix(kind, options.namespace);
  const selection = selectionOf(kind, options);
  const limit = options.limit !== undefined && options.limit > 0 ? options.limit : undefined;
  const items: KubeObject[] = [];
  if (!options.continueToken) checkListedRevision(store.revision(), options);
  let position = options.continueToken ? decodeContinue(options.continueToken, prefix) : undefined;
  for (;;) {
    const page = pageOf(store, prefix, {
      ...(limit !== undefined && { limit: limit - items.length }),
      ...(position !== undefined && { after: position.after, at: position.revision }),
    });
    for (const entry of page.entries) {
      const object = codec.decode(entry.value);
      if (selection.chooses(object)) items.push(object);
    }
    const resourceVersion = `${page.revision}`;
    if (page.next === undefined) return { items, resourceVersion };
    position = { revision: page.revision, after: page.next };
    if (limit === undefined || items.length >= limit) {
      return {
        items,
        resourceVersion,
        continueToken: encodeContinue(position),
        // How many of the rest a selector would choose is not known, so it is not said.
        ...(selection.all && { remainingItemCount: page.remaining }),
      };
    }
  }
}

function pageOf(store: Store, prefix: string, page: Parameters<Store['list']>[1]): ListPage {
  try {
    return store.list(prefix, page);
  } catch (failure) {
    if (!(failure instanceof StoreExpired)) throw failure;
    throw new ApiError('Expired', 'The provided continue parameter is too old: start the list again.');
  }
}
