import { limits } from '../base/limits.ts';
import { nextTurn } from '../base/turn.ts';
import type { KubeObject } from '../schema/object.ts';
import type { Kind } from '../schema/schema.ts';
import { type ListPage, type Store, StoreExpired } from '../store/store.ts';
import { ApiError } from './api-error.ts';
import type { ListOptions, ObjectList } from './client.ts';
import { decodeContinue, encodeContinue, type ListPosition } from './continue-token.ts';
import type { ObjectCodec } from './object-codec.ts';
import { keyPrefix } from './object-key.ts';
import { listedRevision } from './revision-rules.ts';
import { selectionOf } from './selection.ts';

/**
 * What is long is read in turns, of one snapshot all the same. BadRequest, Timeout (not reached yet), Expired (the snapshot is gone;
 * with a token to go on without one, where it was paged).
 */
export async function listObjects(
  store: Store,
  codec: ObjectCodec,
  kind: Kind,
  options: ListOptions,
): Promise<ObjectList> {
  const prefix = keyPrefix(kind, options.namespace);
  const selection = selectionOf(kind, options);
  const limit = options.limit !== undefined && options.limit > 0 ? options.limit : undefined;
  const items: KubeObject[] = [];
  let looked = 0;
  let position = startOf(store, prefix, options);
  for (;;) {
    const page = pageOf(store, prefix, { position, limit: limit && limit - items.length });
    for (const entry of page.entries) {
      const object = codec.decode(entry.value);
      if (selection.chooses(object)) items.push(object);
      looked += 1;
      if (looked % limits.apiListedPerTurn === 0) await nextTurn();
    }
    const resourceVersion = `${page.revision}`;
    if (page.next === undefined) return { items, resourceVersion };
    const next = { revision: page.revision, after: page.next };
    position = next;
    if (limit === undefined || items.length >= limit) {
      return {
        items,
        resourceVersion,
        continueToken: encodeContinue(next),
        // How many of the rest a selector would choose is not known, so it is not said.
        ...(selection.all && { remainingItemCount: page.remaining }),
      };
    }
  }
}

/** `after` is undefined at the beginning, `revision` where the newest is meant. */
type Start = { readonly revision: ListPosition['revision'] | undefined; readonly after: string | undefined };

function startOf(store: Store, prefix: string, options: ListOptions): Start {
  if (options.continueToken) return decodeContinue(options.continueToken, prefix);
  return { revision: listedRevision(store.revision(), options), after: undefined };
}

function pageOf(
  store: Store,
  prefix: string,
  { position, limit }: { readonly position: Start; readonly limit: number | undefined },
): ListPage {
  const { after } = position;
  const at = position.revision ?? undefined;
  try {
    return store.list(prefix, {
      ...(limit !== undefined && { limit }),
      ...(after !== undefined && { after }),
      ...(at !== undefined && { at }),
    });
  } catch (failure) {
    if (!(failure instanceof StoreExpired)) throw failure;
    if (after === undefined) {
      const current = store.revision();
      const why = `The resourceVersion for the provided list is too old: ${at} (${current})`;
      throw new ApiError('Expired', why);
    }
    throw new ApiError(
      'Expired',
      'The provided continue parameter is too old: start the list again, or go on with the token in this answer, ' +
        'which leads through what is there now and may miss or repeat what changed meanwhile.',
      { details: { continueToken: encodeContinue({ revision: null, after }) } },
    );
  }
}
