import { type EpochMs, fromRfc3339 } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';
import { conditionOf } from '../../schema/conditions.ts';
import type { Lease, Node } from '../../schema/types.gen.ts';

/** When each node was heard of, by our own clock: a node's clock may be wrong, and the time before we listened says nothing. */
export type Heartbeats = {
  /** When the node is lost if nothing more is heard of it. To be called whenever its Node or lease changes, and at that time. */
  lostAtMs(node: Node, lease: Lease | undefined, now: EpochMs): EpochMs;
  forget(nodeName: string): void;
};

type Heard = { readonly words: string; readonly lostAtMs: EpochMs };

/** @param sinceMs  from when on these controllers listen */
export function heartbeats(): Heartbeats {
  const heard = new Map<string, Heard>();
  return {
    lostAtMs(node, lease, now) {
      const { name, creationTimestamp } = node.metadata;
      const beat = conditionOf(node.status?.conditions, 'Ready')?.lastHeartbeatTime;
      const words = `${lease?.spec?.renewTime ?? ''} ${beat ?? ''}`;
      const before = heard.get(name);
      const isNews = before?.words !== words;
      // Nobody looked when it was time to, so nobody would have heard: the machine slept, and its nodes with it.
      const slept = before !== undefined && before.lostAtMs <= now && !wasOnTime(before, node, now);
      if (before !== undefined && !isNews && !slept) return before.lostAtMs;
      const never = lease?.spec?.renewTime === undefined && beat === undefined;
      const born = fromRfc3339(creationTimestamp) ?? now;
      const lostAtMs = never
        ? Math.max(born, before === undefined ? born : now) + timings.nodeStartupGraceMs
        : now + timings.nodeGraceMs;
      heard.set(name, { words, lostAtMs });
      return lostAtMs;
    },
    forget: (nodeName) => void heard.delete(nodeName),
  };
}

/** Somebody looked when the node was due to be lost, and found it so. */
function wasOnTime({ lostAtMs }: Heard, node: Node, now: EpochMs): boolean {
  if (now - lostAtMs <= timings.nodeMonitorLateMs) return true;
  return conditionOf(node.status?.conditions, 'Ready')?.status === 'Unknown';
}
