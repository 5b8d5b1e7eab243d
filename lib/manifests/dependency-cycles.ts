/**
 * Circles in a graph: for each set of nodes that lead to one another, a shortest circle through its first node (in order of text),
 * beginning with that node and without it at the end. A node that leads to itself is a circle of one. Edges to nodes that are not
 * keys lead nowhere. No recursion: the graph comes from files.
 */
export function dependencyCycles(
  edges: ReadonlyMap<string, readonly string[]>,
): readonly (readonly string[])[] {
  const cycles: (readonly string[])[] = [];
  for (const group of stronglyConnected(edges)) {
    const [first] = group;
    if (first === undefined) continue;
    const members = new Set(group);
    const cycle = shortestCycle(first, (node) => (edges.get(node) ?? []).filter((to) => members.has(to)));
    if (cycle !== null) cycles.push(cycle);
  }
  return cycles.sort((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1));
}

/** Tarjan's algorithm with a stack of its own. Each group sorted. */
function stronglyConnected(edges: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const path: string[] = [];
  const onPath = new Set<string>();
  const groups: (readonly string[])[] = [];
  const enter = (node: string): void => {
    order.set(node, order.size);
    low.set(node, order.size - 1);
    path.push(node);
    onPath.add(node);
  };
  const lower = (node: string, to: number | undefined): void => {
    low.set(node, Math.min(low.get(node) ?? 0, to ?? 0));
  };
  const leave = (node: string): void => {
    if (low.get(node) !== order.get(node)) return;
    const group = path.splice(path.indexOf(node));
    for (const member of group) onPath.delete(member);
    groups.push(group.sort());
  };
  for (const root of edges.keys()) {
    if (order.has(root)) continue;
    enter(root);
    const frames = [{ node: root, at: 0 }];
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const to = edges.get(frame.node)?.[frame.at];
      frame.at += 1;
      if (to === undefined) {
        frames.pop();
        leave(frame.node);
        const parent = frames.at(-1);
        if (parent !== undefined) lower(parent.node, low.get(frame.node));
      } else if (!edges.has(to)) continue;
      else if (!order.has(to)) {
        enter(to);
        frames.push({ node: to, at: 0 });
      } else if (onPath.has(to)) lower(frame.node, order.get(to));
    }
  }
  return groups;
}

function shortestCycle(start: string, next: (node: string) => readonly string[]): readonly string[] | null {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const node of queue) {
    for (const to of next(node)) {
      if (to === start) {
        const cycle = [node];
        for (let at = node; at !== start; ) {
          at = cameFrom.get(at) ?? start;
          cycle.unshift(at);
        }
        return cycle;
      }
      if (cameFrom.has(to)) continue;
      cameFrom.set(to, node);
      queue.push(to);
    }
  }
  return null;
}
