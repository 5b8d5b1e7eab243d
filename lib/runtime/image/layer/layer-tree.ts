import { limits } from '../../../base/limits.ts';
import { ImageError } from '../image-error.ts';
import type { Below, LookBelow } from './below-layers.ts';
import type { TarEntry } from './tar-entry.ts';

type Node =
  | { readonly kind: 'directory'; readonly entry: TarEntry }
  | { readonly kind: 'symlink'; readonly target: string }
  | { readonly kind: 'other' }
  | { readonly kind: 'whiteout' };

/** What is to be written for one member of a layer, in this order. */
export type Placed = {
  /** Directories and whiteouts that come with it. */
  readonly before: readonly TarEntry[];
  /** The member itself, which has its content; null: it is left out, or was a whiteout. */
  readonly entry: TarEntry | null;
};

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';
const OPAQUE_XATTR = 'trusted.overlay.opaque';
const COMPONENT_BYTES_MAX = 255;
const NO_XATTRS: TarEntry['xattrs'] = new Map();

/**
 * The tree that one layer makes, as overlayfs wants it: names are resolved here, inside the layer's root, so that whoever writes them
 * never goes through a link; whiteouts become overlayfs' own. Devices are left out: a container's are made by its launcher.
 * Members are told in the file's order. ImageError IMAGE_REFUSED for what leads out, or cannot be.
 */
export class LayerTree {
  readonly #below: LookBelow;
  readonly #nodes = new Map<string, Node>();
  readonly #opaque = new Set<string>();

  constructor(below: LookBelow) {
    this.#below = below;
  }

  place(entry: TarEntry): Placed {
    const components = componentsOf(entry.name);
    checkOwner(entry);
    const last = components.at(-1);
    if (last === undefined) {
      if (entry.type !== 'directory') throw refused(entry.name, 'is the root, and no directory');
      return { before: [], entry: { ...entry, name: '.', xattrs: keptXattrs(entry) } };
    }
    const before: TarEntry[] = [];
    const parent = this.#directory(components.slice(0, -1), before, entry.name);
    if (last.startsWith(WHITEOUT)) return this.#whiteout(parent, last, before, entry);
    const path = joined(parent, last);
    const kind = this.#nodes.get(path)?.kind;
    if (kind === 'directory' && entry.type !== 'directory')
      throw refused(entry.name, 'is a directory, and something else later');
    switch (entry.type) {
      case 'character':
      case 'block':
        return { before, entry: null };
      case 'directory':
        // What was said to be gone and is there again shows nothing of what it hides.
        if (kind === 'whiteout') this.#opaque.add(path);
        return { before, entry: this.#add(path, { ...entry, xattrs: keptXattrs(entry) }) };
      case 'symlink':
        if (entry.target === '' || entry.target.includes('\0'))
          throw refused(entry.name, 'is a link to nowhere');
        this.#nodes.set(path, { kind: 'symlink', target: entry.target });
        return { before, entry: { ...entry, name: path, xattrs: NO_XATTRS } };
      case 'hardlink': {
        const target = this.#linked(entry);
        if (target === path) return { before, entry: null };
        this.#nodes.set(path, this.#nodes.get(target) ?? { kind: 'other' });
        return { before, entry: { ...entry, name: path, target, xattrs: NO_XATTRS } };
      }
      case 'file':
      case 'fifo':
        this.#nodes.set(path, { kind: 'other' });
        return { before, entry: { ...entry, name: path, xattrs: keptXattrs(entry) } };
    }
  }

  /** Where a directory of that name lies when all links are followed, each inside the root. What nobody described is made. */
  #directory(components: readonly string[], made: TarEntry[], name: string): string {
    let at: string[] = [];
    let links = 0;
    const left = [...components].reverse();
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      if (next === '..') {
        if (at.pop() === undefined) throw refused(name, 'leads out of the layer through a link');
        continue;
      }
      const path = joined(at.join('/'), next);
      const node = this.#nodes.get(path) ?? this.#shown(path);
      if (node?.kind === 'symlink') {
        links += 1;
        if (links > limits.imageSymlinksMax) throw refused(name, 'goes through too many links');
        if (node.target.startsWith('/')) at = [];
        left.push(...[...partsOf(node.target)].reverse());
        if (left.length > limits.imagePathCharsMax)
          throw refused(name, 'goes through links that are too long');
        continue;
      }
      if (node?.kind === 'other') throw refused(name, 'lies below what is no directory');
      if (node?.kind !== 'directory') made.push(this.#implied(path, node?.kind === 'whiteout'));
      at.push(next);
    }
    return at.join('/');
  }

  /** What a path that this layer says nothing of leads to by the layers below, as far as names go. */
  #shown(path: string): Node | null {
    const below = this.#below(path);
    return below?.kind === 'symlink' ? below : null;
  }

  /** A directory that members lie in and that has none of its own: as below, or as a new one. */
  #implied(path: string, isHidden: boolean): TarEntry {
    if (isHidden) this.#opaque.add(path);
    const below: Below | null = isHidden ? null : this.#below(path);
    const { mode, uid, gid } = below?.kind === 'directory' ? below : { mode: 0o755, uid: 0, gid: 0 };
    const common = { sizeBytes: 0, mtimeSeconds: 0, target: '', xattrs: NO_XATTRS };
    return this.#add(path, { name: path, type: 'directory', mode, uid, gid, ...common });
  }

  #add(path: string, entry: TarEntry): TarEntry {
    const xattrs = this.#opaque.has(path)
      ? new Map([...entry.xattrs, [OPAQUE_XATTR, Buffer.from('y')]])
      : entry.xattrs;
    const added: TarEntry = { ...entry, name: path, xattrs };
    this.#nodes.set(path, { kind: 'directory', entry: added });
    return added;
  }

  #whiteout(parent: string, last: string, before: TarEntry[], entry: TarEntry): Placed {
    if (last === OPAQUE) return { before: [...before, ...this.#hide(parent)], entry: null };
    // Marks that aufs kept for itself.
    if (last.startsWith('.wh..wh.')) return { before, entry: null };
    const name = last.slice(WHITEOUT.length);
    if (name === '' || name === '.' || name === '..') throw refused(entry.name, 'takes away what cannot be');
    const path = joined(parent, name);
    const node = this.#nodes.get(path);
    // It takes away what is below, not what this layer has there.
    if (node?.kind === 'directory') return { before: [...before, ...this.#hide(path)], entry: null };
    if (node !== undefined) return { before, entry: null };
    this.#nodes.set(path, { kind: 'whiteout' });
    const mark = { mode: 0, uid: 0, gid: 0, sizeBytes: 0, mtimeSeconds: 0, target: '', xattrs: NO_XATTRS };
    return { before: [...before, { name: path, type: 'character', ...mark }], entry: null };
  }

  #hide(path: string): readonly TarEntry[] {
    // The root of the lowest visible layer: hiding what is below it would be hiding all layers.
    if (path === '') throw refused('/', 'takes away all layers below');
    this.#opaque.add(path);
    const node = this.#nodes.get(path);
    return node?.kind === 'directory' ? [this.#add(path, node.entry)] : [this.#implied(path, false)];
  }

  #linked(entry: TarEntry): string {
    const components = componentsOf(entry.target);
    const made: TarEntry[] = [];
    const last = components.at(-1) ?? '';
    const target = joined(this.#directory(components.slice(0, -1), made, entry.name), last);
    const kind = this.#nodes.get(target)?.kind;
    if (made.length > 0 || last === '' || kind === undefined || kind === 'directory' || kind === 'whiteout')
      throw refused(entry.name, `is a hard link to ${shown(entry.target)}, which the layer does not have`);
    return target;
  }
}

function refused(name: string, why: string): ImageError {
  return new ImageError('IMAGE_REFUSED', `the layer is refused: ${shown(name)} ${why}`);
}

/** Names come from anywhere and go to terminals. */
function shown(name: string): string {
  return JSON.stringify(Buffer.from(name, 'latin1').toString('utf8').slice(0, limits.imageWordsCharsMax));
}

const joined = (parent: string, name: string): string => (parent === '' ? name : `${parent}/${name}`);
const partsOf = (path: string): readonly string[] =>
  path.split('/').filter((part) => part !== '' && part !== '.');

/** The parts of a name below the root; a leading slash means the root, too. */
function componentsOf(name: string): readonly string[] {
  const components = partsOf(name);
  if (name.includes('\0') || name.length > limits.imagePathCharsMax) throw refused(name, 'is no name');
  if (components.includes('..')) throw refused(name, 'leads out of the layer');
  if (components.some((component) => component.length > COMPONENT_BYTES_MAX))
    throw refused(name, 'is too long');
  return components;
}

const ID_MAX = 2 ** 32 - 2;

function checkOwner({ name, uid, gid }: TarEntry): void {
  const isId = (id: number): boolean => Number.isSafeInteger(id) && id >= 0 && id <= ID_MAX;
  if (!isId(uid) || !isId(gid)) throw refused(name, 'belongs to nobody there can be');
}

/**
 * Capabilities of programs, and what users keep in `user.`; overlayfs' own marks, which could show what is hidden, and those of the
 * machine's security modules never come from an image.
 */
function keptXattrs({ type, xattrs }: TarEntry): TarEntry['xattrs'] {
  if (xattrs.size === 0) return NO_XATTRS;
  const isKept = (name: string): boolean =>
    (name === 'security.capability' && type === 'file') ||
    (/^user\.[\x21-\x7e]{1,200}$/.test(name) &&
      !name.startsWith('user.overlay.') &&
      (type === 'file' || type === 'directory'));
  return new Map([...xattrs].filter(([name]) => isKept(name)));
}
