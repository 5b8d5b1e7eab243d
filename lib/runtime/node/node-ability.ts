import { type EpochMs, toRfc3339 } from '../../base/clock.ts';
import { conditionOf } from '../../schema/conditions.ts';
import type { NodeCondition } from '../../schema/types.gen.ts';

/** Something that pods can have on this node, or not. */
export type NodeAbility = {
  /** `PodAddresses`. */
  readonly name: string;
  readonly has: boolean;
  /** One word: by what, or why not. */
  readonly reason: string;
  /** A sentence. */
  readonly message: string;
};

const PREFIX = 'pintle.dev/';

/** As conditions of the Node: `pintle.dev/PodAddresses`. */
export function abilityConditions(
  abilities: readonly NodeAbility[],
  before: readonly NodeCondition[] | undefined,
  now: EpochMs,
): readonly NodeCondition[] {
  const time = toRfc3339(now);
  return abilities.map(({ name, has, reason, message }) => {
    const type = `${PREFIX}${name}`;
    const status = has ? 'True' : 'False';
    const old = conditionOf(before, type);
    const since = old?.status === status ? old.lastTransitionTime : undefined;
    return { type, status, reason, message, lastHeartbeatTime: time, lastTransitionTime: since ?? time };
  });
}

/** The abilities a Node tells of, in its order. */
export function abilitiesOf(conditions: readonly NodeCondition[] | undefined): readonly NodeAbility[] {
  return (conditions ?? []).flatMap(({ type, status, reason = '', message = '' }) =>
    type.startsWith(PREFIX)
      ? [{ name: type.slice(PREFIX.length), has: status === 'True', reason, message }]
      : [],
  );
}
