import type { JsonValue } from '../../base/json.ts';

/**
 * Puts the merged items of a list in order: those the patch orders stand as it says; the others, which it does not know,
 * keep their order and stand before the first ordered item that followed them until now.
 */
export function inElementOrder(of: {
  readonly items: readonly JsonValue[];
  readonly nameOf: (item: JsonValue) => string;
  /** The patch's order. */
  readonly wanted: readonly string[];
  /** The order until now. */
  readonly before: readonly string[];
}): readonly JsonValue[] {
  const wantedAt = indexOf(of.wanted);
  const beforeAt = indexOf(of.before);
  const ordered = of.items
    .filter((item) => wantedAt.has(of.nameOf(item)))
    .sort((a, b) => (wantedAt.get(of.nameOf(a)) ?? 0) - (wantedAt.get(of.nameOf(b)) ?? 0));
  const others = of.items.filter((item) => !wantedAt.has(of.nameOf(item)));
  const merged: JsonValue[] = [];
  let next = 0;
  for (const item of ordered) {
    const place = beforeAt.get(of.nameOf(item));
    for (let other = others[next]; other !== undefined && place !== undefined; other = others[next]) {
      const otherPlace = beforeAt.get(of.nameOf(other));
      if (otherPlace === undefined || otherPlace >= place) break;
      merged.push(other);
      next += 1;
    }
    merged.push(item);
  }
  return [...merged, ...others.slice(next)];
}

/** Names to their first place. */
function indexOf(names: readonly string[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const [at, name] of names.entries()) if (!places.has(name)) places.set(name, at);
  return places;
}

/** Whether all of `names` are in `order`, one after the other. */
export function followsOrder(names: readonly string[], order: readonly string[]): boolean {
  let at = 0;
  for (const name of order) if (name === names[at]) at += 1;
  return at === names.length;
}
