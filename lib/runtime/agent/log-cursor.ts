import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Clock, EpochMs } from '../../base/clock.ts';
import { codeOf } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Stream } from './container-directory.ts';
import { decodeIndex, type LogIndexEntry, offsetSince, timeAt } from './log-index.ts';
import { logPaths, rotatedSegments } from './log-segments.ts';

/** `bytes` has no newline; `ended` says whether one followed. */
export type LogLine = { readonly atMs: EpochMs; readonly bytes: Buffer; readonly ended: boolean };

const NEWLINE = 10;

/** A place in one stream's logs that stays right while they grow and are rotated under it. */
export class LogCursor {
  readonly #directory: string;
  readonly #stream: Stream;
  readonly #clock: Clock;
  #segment = 0;
  #offset = 0;
  #partial: { atMs: EpochMs; bytes: Buffer } | null = null;
  #lastMs: EpochMs = 0;
  /** Between two lines of which the first one is not wanted. */
  #skipping = false;
  #index: { segment: number; readBytes: number; entries: LogIndexEntry[] } = {
    segment: 0,
    readBytes: 0,
    entries: [],
  };

  constructor(directory: string, stream: Stream, clock: Clock) {
    this.#directory = directory;
    this.#stream = stream;
    this.#clock = clock;
  }

  /** The lines of the next bytes; empty when there is nothing new at the moment. */
  async read(): Promise<readonly LogLine[]> {
    for (;;) {
      const chunk = await this.#undisturbed(() => this.#readChunk());
      if (chunk === null) return [];
      const lines = this.#split(chunk.bytes, chunk.offset);
      if (lines.length > 0) return lines;
    }
  }

  /** What was read and has no newline yet; the cursor forgets it. */
  takePartial(): LogLine | null {
    const partial = this.#partial;
    this.#partial = null;
    return partial === null ? null : { ...partial, ended: false };
  }

  /** Goes behind everything there is. */
  async seekEnd(): Promise<void> {
    await this.#undisturbed(() => {
      const segments = this.#segments();
      this.#segment = segments.at(-1) ?? 1;
      this.#offset = readAt(this.#path(this.#segment, segments), { offset: 0, bytesMax: 0 }).size;
    });
  }

  /** Goes to before the last `count` lines. */
  async seekLast(count: number): Promise<void> {
    await this.#undisturbed(() => {
      const segments = this.#segments();
      let left = count;
      for (const segment of segments.toReversed()) {
        const found = backwards(this.#path(segment, segments), left, segment === segments.at(-1));
        this.#segment = segment;
        this.#offset = found.offset;
        left = found.left;
        if (left < 0) return;
      }
    });
  }

  /** Goes to the first line that was seen at or after `sinceMs`, or somewhat before it. */
  async seekSince(sinceMs: EpochMs): Promise<void> {
    await this.#undisturbed(() => {
      const segments = this.#segments();
      for (const segment of segments) {
        this.#segment = segment;
        this.#offset = offsetSince(this.#entries(segment, segments), sinceMs);
        const { bytes, size } = readAt(this.#path(segment, segments), {
          offset: this.#offset - 1,
          bytesMax: 1,
        });
        this.#skipping = this.#offset > 0 && bytes[0] !== NEWLINE;
        if (this.#offset < size || segment === segments.at(-1)) return;
      }
    });
  }

  /** Everything there is, oldest first; the last one is being written. */
  #segments(): readonly number[] {
    const rotated = rotatedSegments(this.#directory, this.#stream);
    return [...rotated, (rotated.at(-1) ?? 0) + 1];
  }

  #path(segment: number, segments: readonly number[]): string {
    const paths = logPaths(this.#directory, this.#stream);
    return segment === segments.at(-1) ? paths.current : paths.segment(segment);
  }

  /** Repeats `look` until no rotation was under way while it looked: in between, content may be in two places. */
  async #undisturbed<T>(look: () => T): Promise<T> {
    const { rotating } = logPaths(this.#directory, this.#stream);
    for (let attempt = 0; ; attempt += 1) {
      const before = { segment: this.#segment, offset: this.#offset };
      const segments = this.#segments();
      // A rotation cut off by the agent's death is finished by the next agent; nobody waits for it for ever.
      const patient = attempt < limits.logLooksMax;
      if (!existsSync(rotating) || !patient) {
        const result = look();
        if (!patient || (!existsSync(rotating) && this.#segments().at(-1) === segments.at(-1))) return result;
        this.#segment = before.segment;
        this.#offset = before.offset;
      }
      await new Promise<void>((resolve) => void this.#clock.setTimer(1, resolve));
    }
  }

  #readChunk(): { readonly bytes: Buffer; readonly offset: number } | null {
    const segments = this.#segments();
    const last = segments.at(-1) ?? 1;
    for (;;) {
      if (this.#segment < (segments[0] ?? 1)) {
        // Not begun, or rotated away before it was read.
        this.#segment = segments[0] ?? 1;
        this.#offset = 0;
      }
      const { bytes, size } = readAt(this.#path(this.#segment, segments), {
        offset: this.#offset,
        bytesMax: limits.logReadBytes,
      });
      // The program emptied its own log.
      if (this.#segment === last && this.#offset > size) this.#offset = 0;
      if (bytes.length > 0) {
        const offset = this.#offset;
        this.#offset += bytes.length;
        this.#entries(this.#segment, segments);
        return { bytes, offset };
      }
      if (this.#segment >= last) return null;
      this.#segment += 1;
      this.#offset = 0;
    }
  }

  /** The index of a segment, read on from where it was read to. */
  #entries(segment: number, segments: readonly number[]): readonly LogIndexEntry[] {
    const paths = logPaths(this.#directory, this.#stream);
    if (this.#index.segment !== segment) this.#index = { segment, readBytes: 0, entries: [] };
    const path = segment === segments.at(-1) ? paths.currentIndex : paths.segmentIndex(segment);
    const { bytes, size } = readAt(path, { offset: this.#index.readBytes, bytesMax: limits.logFileBytesMax });
    if (size < this.#index.readBytes) this.#index = { segment, readBytes: 0, entries: [] };
    const entries = decodeIndex(bytes);
    for (const entry of entries) this.#index.entries.push(entry);
    this.#index.readBytes += entries.length * 16;
    return this.#index.entries;
  }

  #split(bytes: Buffer, offset: number): readonly LogLine[] {
    const lines: LogLine[] = [];
    let from = 0;
    while (from < bytes.length) {
      const newline = bytes.indexOf(NEWLINE, from);
      const to = newline < 0 ? bytes.length : newline;
      const piece = bytes.subarray(from, to);
      const seenMs = timeAt(this.#index.entries, offset + from) ?? this.#clock.now();
      // A stream's times never go back: not when the clock did, nor when a line was read before its index was.
      this.#lastMs = this.#partial?.atMs ?? Math.max(this.#lastMs, seenMs);
      this.#partial = {
        atMs: this.#lastMs,
        bytes: this.#partial === null ? piece : Buffer.concat([this.#partial.bytes, piece]),
      };
      const ended = newline >= 0;
      if (ended || this.#partial.bytes.length >= limits.logLineBytesMax) {
        if (!this.#skipping) lines.push({ ...this.#partial, ended: true });
        if (ended) this.#skipping = false;
        this.#partial = null;
      }
      from = to + 1;
    }
    return lines;
  }
}

/** Up to `bytesMax` bytes from `offset`, and the file's size; nothing of a file that is not there. */
function readAt(
  path: string,
  range: { readonly offset: number; readonly bytesMax: number },
): { readonly bytes: Buffer; readonly size: number } {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return { bytes: Buffer.alloc(0), size: 0 };
    throw thrown;
  }
  try {
    const { size } = fstatSync(fd);
    const wanted = Math.min(range.bytesMax, size - range.offset);
    if (wanted <= 0 || range.offset < 0) return { bytes: Buffer.alloc(0), size };
    const bytes = Buffer.allocUnsafe(wanted);
    return { bytes: bytes.subarray(0, readSync(fd, bytes, 0, wanted, range.offset)), size };
  } finally {
    closeSync(fd);
  }
}

/**
 * Where the last `count` lines of a file begin. `left` is how many were not in it; -1 when all were.
 * A newline that ends the whole log (`newest`) begins no line.
 */
function backwards(
  path: string,
  count: number,
  newest: boolean,
): { readonly offset: number; readonly left: number } {
  let end = readAt(path, { offset: 0, bytesMax: 0 }).size;
  const size = end;
  let left = count;
  while (end > 0) {
    const start = Math.max(0, end - limits.logReadBytes);
    const { bytes } = readAt(path, { offset: start, bytesMax: end - start });
    for (let at = bytes.length - 1; at >= 0; at -= 1) {
      if (bytes[at] !== NEWLINE || (newest && start + at === size - 1)) continue;
      if (left <= 1) return { offset: count === 0 ? size : start + at + 1, left: -1 };
      left -= 1;
    }
    end = start;
  }
  return { offset: 0, left };
}
