import { open, readFile, rename } from 'node:fs/promises';
import { codeOf, WorldError } from '../../../base/errors.ts';
import { formatIndex, type ImageIndex, parseIndex } from './image-index.ts';

/** The index's file: null where there is none. WorldError IMAGE_INDEX_UNREADABLE: pods may have layers, so nothing is begun anew over it. */
export async function readIndex(path: string): Promise<ImageIndex | null> {
  try {
    const index = parseIndex(await readFile(path, 'utf8'));
    if (index !== null) return index;
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return null;
    throw thrown;
  }
  const why = 'a newer pintle wrote it, or it is damaged';
  throw new WorldError(
    'IMAGE_INDEX_UNREADABLE',
    `${path} cannot be read (${why}); remove its directory when no pods run`,
    { path },
  );
}

/** Writes indexes one after the other; of those that wait, the newest only. Resolves when the disk has one at least as new. */
export function indexWriter(path: string): { write(index: ImageIndex): Promise<void> } {
  let waiting: { readonly index: ImageIndex; readonly written: PromiseWithResolvers<void> } | null = null;
  let writing = false;
  const work = async (): Promise<void> => {
    writing = true;
    while (waiting !== null) {
      const { index, written } = waiting;
      waiting = null;
      await writeWhole(path, formatIndex(index)).then(written.resolve, written.reject);
    }
    writing = false;
  };
  return {
    write(index) {
      const written = waiting?.written ?? Promise.withResolvers<void>();
      waiting = { index, written };
      if (!writing) void work();
      return written.promise;
    },
  };
}

async function writeWhole(path: string, text: string): Promise<void> {
  const next = `${path}.next`;
  const file = await open(next, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  // CRASH: before this line the old index stands, and what it does not name is removed when the store opens.
  await rename(next, path);
}
