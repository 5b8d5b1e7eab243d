import { type NodeFacts, topologyValue } from '../facts/node-facts.ts';
import { ZONE } from '../facts/topology-keys.ts';

/** The order nodes are looked at: one of each zone in turn, by name, so that those looked at first are of all zones. */
export function nodeOrder<T extends { readonly node: NodeFacts }>(all: Iterable<T>): readonly T[] {
  const zones = new Map<string, T[]>();
  for (const each of [...all].sort((a, b) => (a.node.name < b.node.name ? -1 : 1))) {
    const zone = topologyValue(each.node, ZONE) ?? '';
    const those = zones.get(zone);
    if (those === undefined) zones.set(zone, [each]);
    else those.push(each);
  }
  const lanes = [...zones].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, those]) => those);
  const longest = lanes.reduce((most, lane) => Math.max(most, lane.length), 0);
  const ordered: T[] = [];
  for (let at = 0; at < longest; at += 1)
    for (const lane of lanes) {
      const each = lane[at];
      if (each !== undefined) ordered.push(each);
    }
  return ordered;
}
