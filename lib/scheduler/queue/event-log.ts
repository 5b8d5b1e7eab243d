import type { FilterName } from '../filters/filter.ts';
import { HELPS, type SchedulingEvent } from './scheduling-event.ts';

/** What has happened since when, for pods that were being decided on meanwhile. */
export type EventLog = {
  add(event: SchedulingEvent): void;
  position(): number;
  /** Whether anything since that position may make one of the blockers decide otherwise. */
  hasHelped(blockers: ReadonlySet<FilterName>, since: number): boolean;
};

export function eventLog(): EventLog {
  /** Each event, and when it was the last time. */
  const last = new Map<SchedulingEvent, number>();
  let position = 0;
  return {
    add(event) {
      position += 1;
      last.set(event, position);
    },
    position: () => position,
    hasHelped: (blockers, since) =>
      [...last].some(([event, at]) => at > since && [...blockers].some((name) => HELPS[event].has(name))),
  };
}
