import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../../base/errors.ts';
import type { Random } from '../../../base/random.ts';
import { removeTree } from '../../../base/remove-tree.ts';

const NAME_CHARS = 6;

/** Places of a store: `layers/<name>` for each layer, `work/<name>` for each job. */
export type StoreDirectories = {
  readonly layers: string;
  readonly work: string;
  /** A new one, which nobody knows of yet. */
  makeLayer(): Promise<string>;
  makeWork(): Promise<string>;
  /** Names of all layers' directories. */
  layerNames(): Promise<ReadonlySet<string>>;
};

/** Makes the store's directories if need be. Layers hold setuid programs: nobody else gets to them. */
export async function storeDirectories(directory: string, random: Random): Promise<StoreDirectories> {
  const layers = join(directory, 'layers');
  const work = join(directory, 'work');
  for (const path of [directory, layers, work]) await mkdir(path, { recursive: true, mode: 0o700 });
  const make = async (parent: string, mode: number): Promise<string> => {
    for (;;) {
      const name = random.suffix(NAME_CHARS);
      try {
        await mkdir(join(parent, name), { mode });
        return name;
      } catch (thrown) {
        if (codeOf(thrown) !== 'EEXIST') throw thrown;
      }
    }
  };
  return {
    layers,
    work,
    // The root of what a container sees: its users go through it.
    makeLayer: () => make(layers, 0o755),
    makeWork: async () => join(work, await make(work, 0o700)),
    layerNames: async () => new Set(await readdir(layers)),
  };
}

/** Removes what the index does not name, and what jobs of before left behind. */
export async function sweepDirectories(
  directories: StoreDirectories,
  kept: ReadonlySet<string>,
): Promise<void> {
  for (const name of await directories.layerNames())
    if (!kept.has(name)) await removeTree(join(directories.layers, name));
  for (const name of await readdir(directories.work)) await removeTree(join(directories.work, name));
}
