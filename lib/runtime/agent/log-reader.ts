import { type FSWatcher, watch } from 'node:fs';
import type { LogOptions } from '../../api/node-agent.ts';
import type { Clock, EpochMs } from '../../base/clock.ts';
import { limits, timings } from '../../base/limits.ts';
import { streams } from './container-directory.ts';
import { LogCursor, type LogLine } from './log-cursor.ts';

/** One stream being read: its lines that were not given on yet, and whether it has no more for now. */
type Source = { readonly cursor: LogCursor; lines: LogLine[]; atEnd: boolean };

/**
 * The logs of one container, both streams in the order of their times, in chunks of whole lines. `ended`: whether nothing more will
 * be written; asked before a look, so that the look after the last write is not missed. `previous` is the caller's: it names the run.
 */
export async function* readLogs(
  source: { readonly directory: string; readonly ended: () => boolean; readonly clock: Clock },
  options: LogOptions,
): AsyncIterable<Uint8Array> {
  const budget = { left: options.limitBytes ?? Number.POSITIVE_INFINITY };
  for await (const lines of readLines(source, options)) {
    for (const chunk of chunksOf(lines, options.timestamps === true)) {
      const bytes = chunk.subarray(0, budget.left);
      budget.left -= bytes.length;
      if (bytes.length > 0) yield bytes;
      if (budget.left <= 0) return;
    }
  }
}

async function* readLines(
  {
    directory,
    ended,
    clock,
  }: { readonly directory: string; readonly ended: () => boolean; readonly clock: Clock },
  options: LogOptions,
): AsyncIterable<readonly LogLine[]> {
  const sinceMs = options.sinceMs ?? Number.NEGATIVE_INFINITY;
  const sources: Source[] = streams.map((stream) => ({
    cursor: new LogCursor(directory, stream, clock),
    lines: [],
    atEnd: false,
  }));
  const tailLines = tailOf(options);
  for (const { cursor } of sources) {
    if (tailLines !== null) await cursor.seekLast(tailLines);
    else if (options.sinceMs !== undefined) await cursor.seekSince(options.sinceMs);
  }
  const wanted = (lines: readonly LogLine[]): readonly LogLine[] =>
    lines.filter(({ atMs }) => atMs >= sinceMs);
  let kept: LogLine[] = [];
  for (;;) {
    const last = ended();
    const lines = wanted(await nextLines(sources));
    if (tailLines === null) yield lines;
    else {
      kept.push(...lines);
      if (kept.length > 2 * tailLines + 1024) kept = kept.slice(kept.length - tailLines);
    }
    if (sources.every(({ atEnd, lines: left }) => atEnd && left.length === 0)) {
      const partials = options.follow !== true || last ? takePartials(sources) : [];
      if (tailLines !== null) kept.push(...wanted(partials));
      yield tailLines === null ? wanted(partials) : kept.slice(Math.max(0, kept.length - tailLines));
      if (options.follow !== true || last) break;
      yield* follow({ sources, directory, ended, clock, wanted });
      break;
    }
  }
}

async function* follow(options: {
  readonly sources: readonly Source[];
  readonly directory: string;
  readonly ended: () => boolean;
  readonly clock: Clock;
  readonly wanted: (lines: readonly LogLine[]) => readonly LogLine[];
}): AsyncIterable<readonly LogLine[]> {
  const { sources, directory, ended, clock, wanted } = options;
  const news = watchNews(directory, clock);
  try {
    for (;;) {
      const last = ended();
      const lines = await nextLines(sources);
      if (lines.length > 0) yield wanted(lines);
      else if (last) {
        yield wanted(takePartials(sources));
        return;
      } else await news.next();
    }
  } finally {
    news.close();
  }
}

/**
 * The next lines in order; none only when no stream has any. Those after the last line of a stream that may have more are kept
 * back. A stream's own lines are in the order of their times.
 */
async function nextLines(sources: readonly Source[]): Promise<readonly LogLine[]> {
  for (const source of sources) {
    if (source.lines.length > 0) continue;
    source.lines = [...(await source.cursor.read())];
    source.atEnd = source.lines.length === 0;
  }
  const open = sources.filter(({ lines }) => lines.length > 0);
  const untilMs = Math.min(...open.map(({ lines }) => lines.at(-1)?.atMs ?? Number.POSITIVE_INFINITY));
  const ready = open.flatMap((source) => {
    const at = source.lines.findIndex(({ atMs }) => atMs > untilMs);
    return source.lines.splice(0, at < 0 ? source.lines.length : at);
  });
  // Stable: at one time stdout comes first, and a stream keeps its own order.
  return ready.sort((a, b) => a.atMs - b.atMs);
}

function takePartials(sources: readonly Source[]): readonly LogLine[] {
  const partials = sources
    .flatMap(({ cursor }) => cursor.takePartial() ?? [])
    .sort((a, b) => a.atMs - b.atMs);
  return partials.map((line, at) => (at < partials.length - 1 ? { ...line, ended: true } : line));
}

function tailOf({ tailLines }: LogOptions): number | null {
  if (tailLines === undefined || tailLines < 0 || tailLines > limits.logTailLinesMax) return null;
  return tailLines;
}

function* chunksOf(lines: readonly LogLine[], timestamps: boolean): Iterable<Buffer> {
  let pieces: Buffer[] = [];
  let bytes = 0;
  for (const line of lines) {
    if (timestamps) pieces.push(Buffer.from(`${stampOf(line.atMs)} `));
    pieces.push(line.bytes);
    if (line.ended) pieces.push(Buffer.from('\n'));
    bytes += line.bytes.length + 1;
    if (bytes < limits.logReadBytes) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    bytes = 0;
  }
  if (pieces.length > 0) yield Buffer.concat(pieces);
}

/** RFC 3339 with nanoseconds, as the kubelet writes it. */
function stampOf(atMs: EpochMs): string {
  return `${new Date(atMs).toISOString().slice(0, 23)}000000Z`;
}

/** Wakes when something happens in a directory, or after a while when the kernel would not tell. */
function watchNews(directory: string, clock: Clock): { next(): Promise<void>; close(): void } {
  let pending = true;
  let wake: (() => void) | null = null;
  const onNews = (): void => {
    pending = true;
    wake?.();
  };
  let watcher: FSWatcher | null = null;
  try {
    watcher = watch(directory, onNews);
    watcher.on('error', onNews);
  } catch {
    // The directory is gone, or the kernel will not watch one more.
  }
  return {
    next: async () => {
      if (!pending) {
        await new Promise<void>((resolve) => {
          const timer = clock.setTimer(timings.logFollowPollMs, resolve);
          wake = () => {
            timer.cancel();
            resolve();
          };
        });
      }
      wake = null;
      pending = false;
    },
    close: () => watcher?.close(),
  };
}
