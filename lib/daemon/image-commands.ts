import { toRfc3339 } from '../base/clock.ts';
import { UserError } from '../base/errors.ts';
import type { JsonObject, JsonValue } from '../base/json.ts';
import type { ImageStore, ListedImage } from '../runtime/image/image-store.ts';

/** What `pintle image` can ask, of a daemon or of a data directory that has none. */
export type ImageCommands = {
  list(): Promise<JsonValue>;
  /** `path` is absolute. */
  importFile(request: { readonly path: string; readonly name: string | null }): Promise<JsonValue>;
  remove(request: { readonly name: string }): Promise<JsonValue>;
};

export function imageCommands(store: ImageStore): ImageCommands {
  return {
    async list() {
      await store.open();
      return { images: (await store.list()).map(imageJson) };
    },
    async importFile({ path, name }) {
      await store.open();
      return { images: (await store.importFile(path, { name })).map(imageJson) };
    },
    async remove({ name }) {
      await store.open();
      return store.remove(name);
    },
  };
}

/** Where pods are simulated. */
export const noImageCommands: ImageCommands = {
  list: refused,
  importFile: refused,
  remove: refused,
};

async function refused(): Promise<never> {
  throw new UserError('NO_IMAGES', 'this daemon simulates its pods: it has no images');
}

function imageJson({
  imageId,
  names,
  repoDigests,
  sizeBytes,
  madeAtMs,
  lastUsedAtMs,
}: ListedImage): JsonObject {
  return {
    id: imageId,
    names,
    repoDigests,
    sizeBytes,
    madeAt: toRfc3339(madeAtMs),
    lastUsedAt: toRfc3339(lastUsedAtMs),
  };
}
