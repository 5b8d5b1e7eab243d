import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, UserError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';

/** What isomorphic-git's calls share: the directory, and a cache that is let go before it grows without end. */
export class IsomorphicStore {
  readonly gitdir: string;
  readonly location: string;
  #cache: object = {};
  #reads = 0;
  #sizesChecked = false;

  constructor(options: { readonly gitdir: string; readonly location: string }) {
    this.gitdir = options.gitdir;
    this.location = options.location;
  }

  /** The cache for `reads` more reads. It holds whole packs, so the sizes of these are checked first. */
  async cacheFor(reads: number): Promise<object> {
    if (!this.#sizesChecked) await this.#checkSizes();
    this.#reads += reads;
    if (this.#reads > limits.isomorphicReadsMax) {
      this.#cache = {};
      this.#reads = reads;
    }
    return this.#cache;
  }

  /** New packs have come. Those that are known stay known. */
  refresh(): void {
    this.#sizesChecked = false;
  }

  async #checkSizes(): Promise<void> {
    const directory = join(this.gitdir, 'objects', 'pack');
    let total = 0;
    for (const name of await namesIn(directory)) {
      if (name.endsWith('.pack')) total += (await stat(join(directory, name)).catch(gone))?.size ?? 0;
    }
    if (total > limits.isomorphicPackBytesMax) {
      const mebibytes = Math.ceil(total / 1024 / 1024);
      throw new UserError(
        'UNSUPPORTED_REPOSITORY',
        `${this.location} has ${mebibytes} MiB of packs: too large without git, install git on this machine`,
        { location: this.location, packBytes: total, packBytesMax: limits.isomorphicPackBytesMax },
      );
    }
    this.#sizesChecked = true;
  }
}

/** A pack that is gathered into another one disappears while it is looked at. */
function gone(thrown: unknown): null {
  if (codeOf(thrown) === 'ENOENT') return null;
  throw thrown;
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return [];
    throw thrown;
  }
}
