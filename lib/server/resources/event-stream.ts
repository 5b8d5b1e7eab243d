import type { ApiError } from '../../api/api-error.ts';
import type { Watch, WatchEvent } from '../../api/client.ts';
import type { Timer } from '../../base/clock.ts';
import { limits, timings } from '../../base/limits.ts';
import type { KubeObject } from '../../schema/object.ts';
import type { Exchange } from '../exchange.ts';
import { failureStatus } from '../wire/status-object.ts';
import { setWarnings } from '../wire/write-response.ts';
import { joinedLines, type Line } from './event-line.ts';
import type { WatchEncoder } from './watch-encoder.ts';
import type { AskedWatch } from './watch-options.ts';

/** An event, written when its turn comes, or a line that has been written. */
type Item = WatchEvent | string;
/** `chars`: what it counts for of what a client may be behind. */
type Waiting = { readonly item: Item; readonly chars: number };

/** A chunked answer that ends by itself. What the client does not read yet is kept as events, which all watchers share. */
export type EventStream = {
  /** Resolves when it has ended, whoever ended it. */
  readonly over: Promise<void>;
  /** Begins the answer; `bookmark` gives a line for clients that asked for such lines. */
  open(watch: Watch, bookmark: () => Promise<string>): void;
  /** What was there at the beginning. */
  begin(items: readonly Item[]): void;
  /** What happened since. A client that is too far behind is dropped: it watches again, which costs the others nothing. */
  push(events: readonly WatchEvent[]): void;
  fail(error: ApiError): void;
};

export function eventStream(
  { deps, response, warnings }: Exchange,
  { bookmarks, timeoutMs }: Pick<AskedWatch, 'bookmarks' | 'timeoutMs'>,
  by: { readonly encoder: WatchEncoder; readonly bytesOf: (object: KubeObject) => number },
): EventStream {
  const over = Promise.withResolvers<void>();
  const timers = new Set<Timer>();
  const queue = waitingItems();
  let ended = false;
  let scheduled = false;
  /** Set while the client does not read. */
  let stall: Timer | null = null;

  const end = (how: 'whole' | 'broken-off' = 'whole'): void => {
    if (ended) return;
    const reads = how === 'whole' && stall === null;
    // What waits for its turn comes before the end.
    while (reads && !response.destroyed && stall === null && !queue.empty()) flush();
    ended = true;
    queue.clear();
    for (const timer of timers) timer.cancel();
    stall?.cancel();
    // What it did not read so far it will not read now.
    if (reads) response.end();
    else response.destroy();
    over.resolve();
  };
  const drop = (why: string): void => {
    deps.log.info('watcher-dropped', { why, behindChars: queue.chars() });
    end('broken-off');
  };
  /** As much as goes out at once; the rest in a turn of its own, or when the client has read. */
  const flush = (): void => {
    scheduled = false;
    if (ended || stall !== null) return;
    const lines: Line[] = [];
    for (let length = 0; length < limits.serverWatchChunkChars; ) {
      const item = queue.next();
      if (item === undefined) break;
      const line = typeof item === 'string' ? item : by.encoder.event(item);
      lines.push(line);
      length += line.length;
    }
    if (lines.length === 0) return;
    if (!response.write(joinedLines(lines))) {
      stall = deps.clock.setTimer(timings.watchStallMs, () => drop('it reads nothing'));
    } else {
      schedule();
    }
  };
  const schedule = (): void => {
    if (scheduled || ended || stall !== null || queue.empty()) return;
    scheduled = true;
    deps.turns(flush);
  };
  response.on('drain', () => {
    stall?.cancel();
    stall = null;
    schedule();
  });
  const add = (items: readonly Item[], charsOf: (item: Item) => number): void => {
    if (ended) return;
    for (const item of items) queue.add({ item, chars: charsOf(item) });
    schedule();
  };
  const line = (text: string): void => add([text], () => text.length);
  const remind = (bookmark: () => Promise<string>): void => {
    const timer = deps.clock.setTimer(timings.watchBookmarkMs, () => {
      timers.delete(timer);
      void bookmark().then(
        (text) => {
          // Events up to that revision are on their way in microtasks; the bookmark comes after them.
          setImmediate(() => line(text));
          if (!ended) remind(bookmark);
        },
        () => end(),
      );
    });
    timers.add(timer);
  };
  return {
    over: over.promise,
    // Objects of a list cost references, however many they are.
    begin: (items) => add(items, () => 0),
    push(events) {
      // Who keeps up is not measured: that would be most of the work.
      const behind = stall !== null || !queue.empty();
      const charsOf = (item: Item): number =>
        typeof item === 'string' || item.type === 'BOOKMARK' ? 0 : by.bytesOf(item.object);
      add(events, behind ? charsOf : () => 0);
      if (!ended && queue.chars() > limits.serverWatchBacklogCharsMax) drop('it reads too slowly');
    },
    open(watch, bookmark) {
      response.on('close', () => {
        watch.close();
        end();
      });
      setWarnings(response, warnings);
      response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
      response.flushHeaders();
      timers.add(
        deps.clock.setTimer(timeoutMs, () => {
          watch.close();
          end();
        }),
      );
      if (bookmarks) remind(bookmark);
    },
    fail(error) {
      line(`${JSON.stringify({ type: 'ERROR', object: failureStatus(error) })}\n`);
      end();
    },
  };
}

/** In the order they came; what has gone is let go of. */
function waitingItems(): {
  add(waiting: Waiting): void;
  next(): Item | undefined;
  empty(): boolean;
  chars(): number;
  clear(): void;
} {
  let items: Waiting[] = [];
  let head = 0;
  let total = 0;
  return {
    add(waiting) {
      items.push(waiting);
      total += waiting.chars;
    },
    next() {
      const waiting = items[head];
      if (waiting === undefined) return undefined;
      head += 1;
      total -= waiting.chars;
      if (head > items.length / 2) {
        items = items.slice(head);
        head = 0;
      }
      return waiting.item;
    },
    empty: () => head >= items.length,
    chars: () => total,
    clear() {
      items = [];
      head = 0;
      total = 0;
    },
  };
}
