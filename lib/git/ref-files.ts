import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { RepositoryPlace } from './locate-repository.ts';
import { isOid } from './object-id.ts';
import { isRefName } from './ref-name.ts';
import type { Oid } from './repository.ts';

/** References as files: one each, or a line of `packed-refs`. Source: gitrepository-layout(5). */
export class RefFiles {
  readonly #place: RepositoryPlace;
  #packed: { readonly stamp: string; readonly refs: ReadonlyMap<string, Oid> } | null = null;

  constructor(place: RepositoryPlace) {
    this.#place = place;
  }

  /** HEAD is the work tree's own, everything else is shared. */
  pathOf(ref: string): string {
    return join(ref === 'HEAD' ? this.#place.gitDirectory : this.#place.commonDirectory, ref);
  }

  /** The object a reference names; null when there is none. */
  async read(ref: string): Promise<Oid | null> {
    const target = await this.follow(ref);
    return target === null ? null : this.#readDirect(target);
  }

  /** The reference that a symbolic one ends at (itself, if it is none); null past limits.symbolicRefsMax. */
  async follow(ref: string): Promise<string | null> {
    let name = ref;
    for (let depth = 0; depth <= limits.symbolicRefsMax; depth += 1) {
      const next = /^ref: *(\S+)/.exec((await readText(this.pathOf(name))) ?? '')?.[1];
      if (next === undefined) return name;
      if (!next.startsWith('refs/') || !isRefName(next)) return null;
      name = next;
    }
    return null;
  }

  /** The file first: a reference is packed before its file goes, and a file wins over a packed line. */
  async #readDirect(ref: string): Promise<Oid | null> {
    const oid = (await readText(this.pathOf(ref)))?.trim() ?? '';
    return isOid(oid) ? oid : ((await this.packed()).get(ref) ?? null);
  }

  /** Under a prefix that ends in '/'. */
  async list(prefix: string): Promise<ReadonlyMap<string, Oid>> {
    const names = new Set<string>();
    const directory = join(this.#place.commonDirectory, prefix);
    for (const entry of await readdir(directory, { recursive: true, withFileTypes: true }).catch(absent)) {
      const below = join(entry.parentPath, entry.name).slice(directory.length).replace(/^\//, '');
      if (entry.isFile()) names.add(prefix + below);
    }
    for (const ref of (await this.packed()).keys()) if (ref.startsWith(prefix)) names.add(ref);
    const refs = new Map<string, Oid>();
    for (const ref of [...names].sort()) {
      const oid = isRefName(ref) ? await this.read(ref) : null;
      if (oid !== null) refs.set(ref, oid);
    }
    return refs;
  }

  /** Read again only when the file changed. */
  async packed(): Promise<ReadonlyMap<string, Oid>> {
    const path = join(this.#place.commonDirectory, 'packed-refs');
    const found = await stat(path, { bigint: true }).catch(nothing);
    if (found === null) return new Map();
    const stamp = `${found.ino}.${found.size}.${found.mtimeNs}`;
    if (this.#packed?.stamp === stamp) return this.#packed.refs;
    const refs = new Map<string, Oid>();
    for (const line of ((await readText(path)) ?? '').split('\n')) {
      const space = line.indexOf(' ');
      const oid = line.slice(0, space);
      if (space > 0 && isOid(oid)) refs.set(line.slice(space + 1), oid);
    }
    this.#packed = { stamp, refs };
    return refs;
  }
}

async function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(nothing);
}

function nothing(thrown: unknown): null {
  const code = codeOf(thrown);
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return null;
  throw thrown;
}

function absent(thrown: unknown): [] {
  nothing(thrown);
  return [];
}
