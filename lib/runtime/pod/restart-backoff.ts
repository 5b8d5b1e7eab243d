import type { DurationMs, EpochMs } from '../../base/clock.ts';
import { timings } from '../../base/limits.ts';

/** A delay that grows: what the next failure has to wait, and when that was last raised. */
export type Backoff = { readonly delayMs: DurationMs; readonly updatedAtMs: EpochMs };

export type BackoffRule = {
  readonly baseMs: DurationMs;
  readonly maxMs: DurationMs;
  /** An entry that was not raised for longer than this is forgotten. Unset: twice `maxMs`. */
  readonly expiryMs?: DurationMs;
};

/** Containers that exit. Source: kubelet, 10 s doubling to 300 s, forgotten after 600 s without a restart. */
export const crashLoopRule: BackoffRule = {
  baseMs: timings.crashLoopBackoffBaseMs,
  maxMs: timings.crashLoopBackoffMaxMs,
};

/** Images that cannot be had; the same figures in Kubernetes. */
export const imageRule: BackoffRule = crashLoopRule;

export function isExpired(backoff: Backoff, at: EpochMs, rule: BackoffRule): boolean {
  return at - backoff.updatedAtMs > (rule.expiryMs ?? 2 * rule.maxMs);
}

/** What a failure at `failedAtMs`, acted on at `now`, leaves behind. The delay starts over once the entry has expired. */
export function raiseBackoff(
  backoff: Backoff | null,
  times: { readonly failedAtMs: EpochMs; readonly now: EpochMs },
  rule: BackoffRule,
): Backoff {
  const fresh = backoff === null || isExpired(backoff, times.failedAtMs, rule);
  const delayMs = fresh ? rule.baseMs : Math.min(backoff.delayMs * 2, rule.maxMs);
  return { delayMs, updatedAtMs: times.now };
}

/**
 * The moment until which a failure at `failedAtMs` has to wait; `failedAtMs` itself when there is nothing to wait for.
 * So the first restart comes at once, and the second waits the base: the entry is made by the restart.
 */
export function waitUntil(backoff: Backoff | null, failedAtMs: EpochMs, rule: BackoffRule): EpochMs {
  if (backoff === null || isExpired(backoff, failedAtMs, rule)) return failedAtMs;
  return failedAtMs + backoff.delayMs;
}

/**
 * The entry as it must have been, from the two latest runs: the wait between them shows the delay it had then. A daemon
 * that was down in between makes the wait, and so the next delay, look longer than it was; never shorter.
 */
export function backoffOfRuns(
  runs: {
    readonly attempt: number;
    readonly startedAtMs: EpochMs;
    readonly previousFinishedAtMs: EpochMs | null;
  },
  rule: BackoffRule,
): Backoff | null {
  if (runs.attempt === 0) return null;
  const updatedAtMs = runs.startedAtMs;
  if (runs.previousFinishedAtMs === null) {
    return { delayMs: Math.min(rule.baseMs * 2 ** Math.min(runs.attempt - 1, 16), rule.maxMs), updatedAtMs };
  }
  const waitedMs = runs.startedAtMs - runs.previousFinishedAtMs;
  let delayMs = rule.baseMs;
  while (delayMs <= waitedMs && delayMs < rule.maxMs) delayMs = Math.min(delayMs * 2, rule.maxMs);
  return { delayMs, updatedAtMs };
}
