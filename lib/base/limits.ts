import { hourMs, minuteMs, secondMs } from './clock.ts';

/**
 * Every bound of the program, by name, in one place. A bound has its unit last and a comment that says
 * why it has this value or where it comes from. Rooms add theirs in their own section.
 */
export const limits = {
  /** One blob of a manifest tree; larger files are reported and skipped. */
  manifestBytesMax: 8 * 1024 * 1024,
} as const;

export const timings = {
  /** Status commits are coalesced to one in this span (design, decision 8). */
  statusCommitIntervalMs: 2 * secondMs,
  /** Events live this long, as in Kubernetes. */
  eventTtlMs: hourMs,
  /** A field healed `healsBeforeBackoff` times within this span is reported and backed off. */
  healWindowMs: 10 * minuteMs,
} as const;
