import { type EpochMs, fromRfc3339 } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';
import type { KubeObject } from '../../schema/object.ts';

/** What of an Event its expiry needs: kept in place of the whole. */
export function timesOnly(event: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = event.metadata;
  const { apiVersion, kind, lastTimestamp, eventTime } = event;
  const metadata = { name, namespace, uid, resourceVersion, creationTimestamp };
  return { apiVersion, kind, metadata, lastTimestamp, eventTime };
}

/** When an Event has lived its time: an hour from the last time it happened. */
export function expiresAt(event: KubeObject): EpochMs {
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  const times = [text(event.lastTimestamp), text(event.eventTime), event.metadata.creationTimestamp];
  const lastMs = Math.max(0, ...times.map((time) => fromRfc3339(time) ?? 0));
  return lastMs + timings.eventTtlMs;
}

/** The events that are over, and when the next one will be (null: none is left). */
export function decideExpiry<T extends KubeObject>(
  events: Iterable<T>,
  now: EpochMs,
): { readonly expired: readonly T[]; readonly nextAt: EpochMs | null } {
  const expired: T[] = [];
  let nextAt: EpochMs | null = null;
  for (const event of events) {
    const at = expiresAt(event);
    if (at <= now) expired.push(event);
    else nextAt = Math.min(at, nextAt ?? at);
  }
  return { expired, nextAt };
}
