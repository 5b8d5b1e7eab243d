/**
 * A set of places in an object: who owns what. A tree by path elements (path-element.ts); `self`: the place itself is in the set,
 * which is another thing than what stands below it. The root's `self` means nothing and is false.
 */
export type FieldSet = { readonly self: boolean; readonly children: ReadonlyMap<string, FieldSet> };

/** One that its maker still adds to. */
export type DraftFieldSet = { self: boolean; readonly children: Map<string, DraftFieldSet> };

export const emptySet: FieldSet = { self: false, children: new Map() };
/** A place with nothing below it. */
export const placeAlone: FieldSet = { self: true, children: emptySet.children };

export function draftSet(): DraftFieldSet {
  return { self: false, children: new Map() };
}

/** The set at an element, made when there is none. */
export function childSet(set: DraftFieldSet, element: string): DraftFieldSet {
  let child = set.children.get(element);
  if (child === undefined) {
    child = draftSet();
    set.children.set(element, child);
  }
  return child;
}

export function isEmptySet(set: FieldSet): boolean {
  return !set.self && set.children.size === 0;
}

/** Adds one place. */
export function insertPath(set: DraftFieldSet, path: readonly string[]): void {
  let at = set;
  for (const element of path) at = childSet(at, element);
  at.self = true;
}

/** Which places are kept, of those that are in `a` only, in `b` only, and in both. */
type Kept = { readonly a: boolean; readonly b: boolean; readonly both: boolean };

/** Sets hold no empty ones below them, so that one beside an empty one is kept or left as a whole: mostly that is so. */
function combine(a: FieldSet, b: FieldSet, kept: Kept): FieldSet {
  if (isEmptySet(b)) return kept.a ? a : emptySet;
  if (isEmptySet(a)) return kept.b ? b : emptySet;
  const children = new Map<string, FieldSet>();
  const put = (element: string, child: FieldSet): void => {
    if (!isEmptySet(child)) children.set(element, child);
  };
  for (const [element, child] of a.children)
    put(element, combine(child, b.children.get(element) ?? emptySet, kept));
  for (const [element, child] of b.children)
    if (!a.children.has(element)) put(element, combine(emptySet, child, kept));
  return { self: a.self ? (b.self ? kept.both : kept.a) : b.self && kept.b, children };
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, { a: true, b: true, both: true });
}

/** Places that are in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, { a: false, b: false, both: true });
}

/** Places of `a` that are not in `b`, each by itself: what stands below a place of `b` stays. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, { a: true, b: false, both: false });
}

export function equalSets(a: FieldSet, b: FieldSet): boolean {
  if (a.self !== b.self || a.children.size !== b.children.size) return false;
  for (const [element, child] of a.children) {
    const other = b.children.get(element);
    if (other === undefined || !equalSets(child, other)) return false;
  }
  return true;
}

/** Every place of the set, parents before what stands below, siblings in the order of their elements. */
export function pathsOf(set: FieldSet): readonly (readonly string[])[] {
  const paths: (readonly string[])[] = [];
  const visit = (at: FieldSet, path: readonly string[]): void => {
    if (at.self) paths.push(path);
    for (const element of [...at.children.keys()].sort()) {
      const child = at.children.get(element);
      if (child !== undefined) visit(child, [...path, element]);
    }
  };
  visit(set, []);
  return paths;
}
