import type { EpochMs } from '../base/clock.ts';
import { limits, timings } from '../base/limits.ts';
import type { ObjectReference } from '../schema/types.gen.ts';

/** Something worth telling about an object. `component` is who tells. */
export type Report = {
  readonly component: string;
  readonly object: ObjectReference;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
};

/** What becomes of a report: nothing, an event of its own, or one more of an event that is there. */
export type Correlation =
  | { readonly do: 'drop' }
  | { readonly do: 'create'; readonly key: string; readonly message: string }
  | {
      readonly do: 'count';
      readonly key: string;
      readonly name: string;
      readonly count: number;
      readonly message: string;
    };

/** Keeps events few: equal ones are counted, similar ones aggregated, floods dropped. Source: client-go events_cache. */
export type EventCorrelator = {
  correlate(report: Report, now: EpochMs): Correlation;
  /** The event of `key` is stored under `name`. */
  created(key: string, name: string): void;
};

/** One token to report with, more as time passes. Source: client-go's spam filter. */
type Bucket = { tokens: number; atMs: EpochMs };
/** Reports alike in all but their message, within a window. */
type Group = { readonly messages: Set<string>; atMs: EpochMs };
type Known = { name: string; count: number };

export function eventCorrelator(): EventCorrelator {
  const buckets = new Map<string, Bucket>();
  const groups = new Map<string, Group>();
  const known = new Map<string, Known>();

  const allowed = (source: string, now: EpochMs): boolean => {
    const before = buckets.get(source) ?? { tokens: limits.eventBurstMax, atMs: now };
    const refilled = Math.max(0, now - before.atMs) / timings.eventRefillMs;
    const tokens = Math.min(limits.eventBurstMax, before.tokens + refilled);
    put(buckets, source, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs: now });
    return tokens >= 1;
  };

  /** The key an event is counted under, and its message, aggregated where too many are alike. */
  const aggregate = (report: Report, now: EpochMs): { readonly key: string; readonly message: string } => {
    const alike = [sourceOf(report), report.type, report.reason].join('\n');
    const before = groups.get(alike);
    const fresh = before === undefined || now - before.atMs > timings.eventAggregationWindowMs;
    const group: Group = { messages: fresh ? new Set() : before.messages, atMs: now };
    if (group.messages.size < limits.eventSimilarMax) group.messages.add(report.message);
    put(groups, alike, group);
    const tooMany = group.messages.size >= limits.eventSimilarMax;
    if (!tooMany) return { key: `${alike}\n${report.message}`, message: report.message };
    return { key: alike, message: `(combined from similar events): ${report.message}` };
  };

  return {
    correlate(report, now) {
      const { key, message } = aggregate(report, now);
      if (!allowed(sourceOf(report), now)) return { do: 'drop' };
      const event = known.get(key);
      if (event === undefined) return { do: 'create', key, message };
      put(known, key, { name: event.name, count: event.count + 1 });
      return { do: 'count', key, name: event.name, count: event.count + 1, message };
    },
    created: (key, name) => put(known, key, { name, count: 1 }),
  };
}

function sourceOf({ component, object }: Report): string {
  return [component, object.kind, object.namespace, object.name, object.uid, object.fieldPath].join('\n');
}

/** Puts last, and lets the first go when there are too many: what is asked for least is forgotten. */
function put<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= limits.eventCorrelatorEntriesMax) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
