/** Reasons and on how many nodes each holds. */
export type ReasonCounts = ReadonlyMap<string, number>;

export function countReasons(reasonsByNode: Iterable<readonly string[]>): ReasonCounts {
  const counts = new Map<string, number>();
  for (const reasons of reasonsByNode)
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return counts;
}

export const NO_NODES = 'no nodes available to schedule pods';

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.` As upstream writes and sorts it. */
export function unschedulableMessage(nodes: number, counts: ReasonCounts): string {
  const texts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  return `0/${nodes} nodes are available:${texts.length === 0 ? '' : ` ${texts.join(', ')}.`}`;
}

/** What holds for the pod as a whole is told once, and not counted. */
export function refusedMessage(nodes: number, reason: string): string {
  return `0/${nodes} nodes are available: ${reason}.`;
}
