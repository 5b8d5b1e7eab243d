import type { Note } from '../../api/event-recorder.ts';
import { conditionOf } from '../../schema/conditions.ts';
import type { NodeCondition } from '../../schema/types.gen.ts';

/** What is told when a condition turns. Source of reasons: kubelet nodestatus setters. */
const REASONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  MemoryPressure: { False: 'NodeHasSufficientMemory', True: 'NodeHasInsufficientMemory' },
  DiskPressure: { False: 'NodeHasNoDiskPressure', True: 'NodeHasDiskPressure' },
  PIDPressure: { False: 'NodeHasSufficientPID', True: 'NodeHasInsufficientPID' },
  Ready: { True: 'NodeReady', False: 'NodeNotReady' },
};

/** The events of a node whose conditions were `before` and are `after`. */
export function conditionEvents(
  nodeName: string,
  before: readonly NodeCondition[] | undefined,
  after: readonly NodeCondition[] | undefined,
): readonly Note[] {
  return (after ?? []).flatMap(({ type, status }) => {
    const reason = REASONS[type]?.[status];
    if (reason === undefined || conditionOf(before, type)?.status === status) return [];
    return [{ type: 'Normal', reason, message: `Node ${nodeName} status is now: ${reason}` }];
  });
}
