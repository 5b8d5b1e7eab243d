import { FORBIDDEN_KEYS, type JsonValue } from '../base/json.ts';
import type { FieldPath } from '../schema/finding.ts';

/** Offsets into a file's text, in UTF-16 units; `end` is exclusive. */
export type Span = { readonly start: number; readonly end: number };

export type SourceEntry = { readonly key: string; readonly keySpan: Span; readonly value: SourceNode };

/** One value of a document with its place in the text. */
export type SourceNode =
  | { readonly kind: 'scalar'; readonly value: string | number | boolean | null; readonly span: Span }
  | { readonly kind: 'sequence'; readonly items: readonly SourceNode[]; readonly span: Span }
  | { readonly kind: 'mapping'; readonly entries: readonly SourceEntry[]; readonly span: Span };

/** Sets an own member, also for `__proto__`: a plain assignment would change the prototype instead. */
export function setOwn(object: Record<string, JsonValue>, key: string, value: JsonValue): void {
  if (FORBIDDEN_KEYS.has(key)) {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[key] = value;
  }
}

/** The plain JSON value of a node. Of duplicate keys the last one stands. */
export function jsonOf(node: SourceNode): JsonValue {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'sequence':
      return node.items.map(jsonOf);
    case 'mapping': {
      const object: Record<string, JsonValue> = {};
      for (const entry of node.entries) setOwn(object, entry.key, jsonOf(entry.value));
      return object;
    }
  }
}

/** Where a path leads: the key (null at list items and the root) and the value. `exact`: the whole path is written. */
export type Place = { readonly keySpan: Span | null; readonly node: SourceNode; readonly exact: boolean };

/** The node at `path`, or its nearest written ancestor. */
export function placeOf(root: SourceNode, path: FieldPath): Place {
  let place: Place = { keySpan: null, node: root, exact: true };
  for (const step of path) {
    const { node } = place;
    if (node.kind === 'mapping') {
      const entry = node.entries.findLast((candidate) => candidate.key === String(step));
      if (entry === undefined) return { ...place, exact: false };
      place = { keySpan: entry.keySpan, node: entry.value, exact: true };
    } else if (node.kind === 'sequence' && typeof step === 'number') {
      const item = node.items[step];
      if (item === undefined) return { ...place, exact: false };
      place = { keySpan: null, node: item, exact: true };
    } else {
      return { ...place, exact: false };
    }
  }
  return place;
}
