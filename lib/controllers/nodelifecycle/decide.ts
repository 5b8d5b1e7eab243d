import { type EpochMs, toRfc3339 } from '../../base/clock.ts';
import { deepEqual } from '../../base/json.ts';
import { conditionOf } from '../../schema/conditions.ts';
import { isConditionTaint } from '../../schema/node-loss.ts';
import type { Node, NodeCondition, Taint } from '../../schema/types.gen.ts';
import { zoneState } from './zone-state.ts';

export type NodeLook = {
  readonly node: Node;
  /** When the node is lost, unless it is heard of before. */
  readonly lostAtMs: EpochMs;
  /** The other nodes of its zone. Asked for only when this one is lost. */
  readonly others: () => readonly Node[];
  /** When a node of the zone was last told to let go of its pods; null: never. No two are at once. */
  readonly evictedAtMs: EpochMs | null;
};

export type NodeDecision = {
  /** null: as they are. */
  readonly conditions: readonly NodeCondition[] | null;
  /** null: as they are. */
  readonly taints: readonly Taint[] | null;
  /** Nobody answers for its pods: they are not ready. */
  readonly isLost: boolean;
  /** One more node is told to let go of its pods. */
  readonly evicts: boolean;
  /** Events of the node. */
  readonly notes: readonly { readonly reason: string; readonly message: string }[];
  readonly requeueAtMs: EpochMs | null;
};

/** Conditions that nobody knows any more when the node is not heard of. Source: upstream tryUpdateNodeHealth. */
const HEARD_OF = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;

const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';

/** Condition → status → the taint that keeps pods off. Source: upstream nodeConditionToTaintKeyStatusMap. */
const BY_CONDITION: readonly { readonly type: string; readonly status: string; readonly key: string }[] = [
  { type: 'Ready', status: 'False', key: NOT_READY },
  { type: 'Ready', status: 'Unknown', key: UNREACHABLE },
  { type: 'MemoryPressure', status: 'True', key: 'node.kubernetes.io/memory-pressure' },
  { type: 'DiskPressure', status: 'True', key: 'node.kubernetes.io/disk-pressure' },
  { type: 'PIDPressure', status: 'True', key: 'node.kubernetes.io/pid-pressure' },
  { type: 'NetworkUnavailable', status: 'True', key: 'node.kubernetes.io/network-unavailable' },
];

/** What becomes of a node that is heard of, or is not: its conditions and the taints that follow from them. */
export function decideNode(look: NodeLook, now: EpochMs): NodeDecision {
  const { node, lostAtMs } = look;
  const before = node.status?.conditions;
  const conditions = now < lostAtMs ? (before ?? []) : unheardOf(before, now);
  const ready = conditionOf(conditions, 'Ready');
  const isLost = ready !== undefined && ready.status !== 'True';
  const eviction = evictionTaint(look, conditions, now);
  const wanted = [...noScheduleTaints(node, conditions), ...eviction.wanted];
  const taints = mergeTaints(node.spec.taints ?? [], wanted, now);
  const turned = isLost && conditionOf(before, 'Ready')?.status === 'True';
  const { name } = node.metadata;
  return {
    conditions: deepEqual(conditions, before ?? []) ? null : conditions,
    taints: deepEqual(taints, node.spec.taints ?? []) ? null : taints,
    isLost,
    evicts: eviction.isNew,
    notes: turned ? [{ reason: 'NodeNotReady', message: `Node ${name} status is now: NodeNotReady` }] : [],
    requeueAtMs: eviction.againAtMs ?? (now < lostAtMs ? lostAtMs : null),
  };
}

function unheardOf(before: readonly NodeCondition[] | undefined, now: EpochMs): readonly NodeCondition[] {
  const time = toRfc3339(now);
  const missing = HEARD_OF.filter((type) => conditionOf(before, type) === undefined).map((type) => ({
    ...{ type, status: 'Unknown', reason: 'NodeStatusNeverUpdated' },
    message: 'The node has never told its status.',
    lastTransitionTime: time,
  }));
  const known = (before ?? []).map((condition) =>
    !HEARD_OF.some((type) => type === condition.type) || condition.status === 'Unknown'
      ? condition
      : {
          ...condition,
          ...{ status: 'Unknown', reason: 'NodeStatusUnknown', lastTransitionTime: time },
          message: 'The node stopped telling its status.',
        },
  );
  return [...known, ...missing];
}

function noScheduleTaints(node: Node, conditions: readonly NodeCondition[]): readonly Taint[] {
  const keys = BY_CONDITION.filter(
    ({ type, status }) => conditionOf(conditions, type)?.status === status,
  ).map(({ key }) => key);
  if (node.spec.unschedulable === true) keys.push(UNSCHEDULABLE);
  return keys.map((key) => ({ key, effect: 'NoSchedule' }));
}

/** The taint that makes pods leave. `againAtMs`: it waits for its turn until then. */
function evictionTaint(
  { node, others, evictedAtMs }: NodeLook,
  conditions: readonly NodeCondition[],
  now: EpochMs,
): { readonly wanted: readonly Taint[]; readonly isNew: boolean; readonly againAtMs: EpochMs | null } {
  const none = { wanted: [], isNew: false, againAtMs: null };
  const ready = conditionOf(conditions, 'Ready')?.status;
  if (ready === undefined || ready === 'True') return none;
  const zone = zoneState([...others(), { ...node, status: { ...node.status, conditions } }]);
  // With all nodes lost it is we who are: nothing is gained by ending pods everywhere.
  if (zone.state === 'full-disruption') return none;
  const has = (node.spec.taints ?? []).filter(
    ({ key, effect }) => effect === 'NoExecute' && (key === NOT_READY || key === UNREACHABLE),
  );
  const taint = { key: ready === 'False' ? NOT_READY : UNREACHABLE, effect: 'NoExecute' };
  if (has.length > 0) return { wanted: [taint], isNew: false, againAtMs: null };
  if (zone.evictEveryMs === null) return none;
  const fromMs = evictedAtMs === null ? now : evictedAtMs + zone.evictEveryMs;
  if (now < fromMs) return { ...none, againAtMs: fromMs };
  return { wanted: [taint], isNew: true, againAtMs: null };
}

/** Taints that others set stay, in their place; of ours those that are wanted, each from when it began to be. */
function mergeTaints(before: readonly Taint[], wanted: readonly Taint[], now: EpochMs): readonly Taint[] {
  const same = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;
  const kept = before.filter((taint) => !isConditionTaint(taint) || wanted.some((one) => same(one, taint)));
  const added = wanted.filter((taint) => !before.some((one) => same(one, taint)));
  return [...kept, ...added.map((taint) => ({ ...taint, timeAdded: toRfc3339(now) }))];
}
