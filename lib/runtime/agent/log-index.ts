import { appendFileSync, readFileSync } from 'node:fs';
import type { EpochMs } from '../../base/clock.ts';
import { codeOf } from '../../base/errors.ts';

/** "When the file was `endBytes` long it was `atMs`": bytes before the end, and after the entry before it, came then. */
export type LogIndexEntry = { readonly endBytes: number; readonly atMs: EpochMs };

/** Two doubles, little endian. */
const ENTRY_BYTES = 16;

export function appendIndexEntry(path: string, entry: LogIndexEntry): void {
  const bytes = Buffer.allocUnsafe(ENTRY_BYTES);
  bytes.writeDoubleLE(entry.endBytes, 0);
  bytes.writeDoubleLE(entry.atMs, 8);
  // CRASH: a part of an entry at the end is cut off by `decodeIndex`; the next whole one would be read askew, so `readIndex` is
  // called by every agent that starts and its result written back when the length is odd (see log-tender.ts).
  appendFileSync(path, bytes, { mode: 0o600 });
}

/** Whole entries, in order. */
export function decodeIndex(bytes: Buffer): readonly LogIndexEntry[] {
  const entries: LogIndexEntry[] = [];
  for (let at = 0; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
    entries.push({ endBytes: bytes.readDoubleLE(at), atMs: bytes.readDoubleLE(at + 8) });
  }
  return entries;
}

export function readIndex(path: string): readonly LogIndexEntry[] {
  try {
    return decodeIndex(readFileSync(path));
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return [];
    throw thrown;
  }
}

/** When the byte at `offset` was seen; null when it was not seen yet. Binary search. */
export function timeAt(entries: readonly LogIndexEntry[], offset: number): EpochMs | null {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.endBytes ?? 0) > offset) high = middle;
    else low = middle + 1;
  }
  return entries[low]?.atMs ?? null;
}

/** An offset before which every byte was seen before `sinceMs`. */
export function offsetSince(entries: readonly LogIndexEntry[], sinceMs: EpochMs): number {
  let offset = 0;
  for (const entry of entries) {
    if (entry.atMs >= sinceMs) break;
    offset = entry.endBytes;
  }
  return offset;
}
