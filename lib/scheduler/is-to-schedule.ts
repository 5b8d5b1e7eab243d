import { isPodTerminal } from '../schema/pod-conditions.ts';
import type { Pod } from '../schema/types.gen.ts';

export const SCHEDULER_NAME = 'default-scheduler';

/** It has no node, has not ended and is not on its way out, and is nobody else's to schedule. */
export function isToSchedule(pod: Pod): boolean {
  const { schedulerName = SCHEDULER_NAME, nodeName = '' } = pod.spec;
  const going = pod.metadata.deletionTimestamp !== undefined;
  return nodeName === '' && !going && !isPodTerminal(pod) && schedulerName === SCHEDULER_NAME;
}

/** It has a node and has not ended. */
export function holdsRoom(pod: Pod): boolean {
  return (pod.spec.nodeName ?? '') !== '' && !isPodTerminal(pod);
}
