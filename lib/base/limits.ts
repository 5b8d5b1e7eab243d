import { hourMs, minuteMs, secondMs } from './clock.ts';

/**
 * Every bound of the program, by name, in one place. A bound has its unit last and a comment that says
 * why it has this value or where it comes from. Rooms add theirs in their own section.
 */
export const limits = {
  /** One blob of a manifest tree; larger files are reported and skipped. */
  manifestBytesMax: 8 * 1024 * 1024,

  // store: memory in front of SQLite.
  /** Events kept for watches that start late: some minutes of a busy machine; older ones list again. */
  storeRingEventsMax: 16_384,
  /** The bytes those events may hold on to. */
  storeRingBytesMax: 32 * 1024 * 1024,
  /** Paged lists held at once, and entries held by all of them (references, not copies). */
  storePinnedListsMax: 64,
  storePinnedEntriesMax: 400_000,
  /** One transaction on disk: small enough that the writers behind it do not wait long. */
  storeGroupBatchesMax: 1_000,
  storeGroupBytesMax: 8 * 1024 * 1024,
  /** Appends waiting for the disk; more are refused as if it were full. */
  storeQueuedBatchesMax: 50_000,
  storeQueuedBytesMax: 256 * 1024 * 1024,
  /** Entries a message from the store's thread while it loads. */
  storeLoadChunkEntries: 1_000,

  // --- manifests -------------------------------------------------------------------------------------------
  /** Nesting of one document. Real manifests stay below 30; deeper ones are refused before any recursion. */
  manifestDepthMax: 128,
  /** Nodes that aliases may add to one file: an alias bomb ends here. */
  manifestAliasNodesMax: 50_000,
  /** Files up to this size are parsed again by the exact parser (2 MB/s) when something is wrong in them. */
  manifestExactBytesMax: 2 * 1024 * 1024,
  /** Parsed files one ParseCache keeps, the least recently used go first. */
  parseCacheFilesMax: 50_000,
  /** Problems reported for one file; one more says how many were left out. */
  manifestFileProblemsMax: 100,
  /** Characters of a source line that a problem quotes. */
  problemLineCharsMax: 200,
} as const;

export const timings = {
  /** Status commits are coalesced to one in this span (design, decision 8). */
  statusCommitIntervalMs: 2 * secondMs,
  /** Events live this long, as in Kubernetes. */
  eventTtlMs: hourMs,
  /** A field healed `healsBeforeBackoff` times within this span is reported and backed off. */
  healWindowMs: 10 * minuteMs,
} as const;
