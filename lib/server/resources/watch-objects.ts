import { ApiError } from '../../api/api-error.ts';
import type { Watch, WatchEvent } from '../../api/client.ts';
import type { Timer } from '../../base/clock.ts';
import { limits, timings } from '../../base/limits.ts';
import { callerOf, type Exchange } from '../exchange.ts';
import { failureStatus } from '../wire/status-object.ts';
import { setWarnings } from '../wire/write-response.ts';
import { formOf } from './answer.ts';
import { selection } from './read-list.ts';
import { namespaceOf, type Target } from './target.ts';
import { watchEncoder } from './watch-encoder.ts';
import { type AskedWatch, watchOptions } from './watch-options.ts';

/**
 * Streams events as lines of JSON until the client goes, its time is up, or it is too far behind. Resolves when it is over.
 * What is refused is refused before the first byte; an expiry later on is an ERROR event.
 */
export async function watchObjects(exchange: Exchange, target: Target): Promise<void> {
  const { deps, query } = exchange;
  const asked = watchOptions(query, deps.random.next());
  const encoder = await watchEncoder(exchange, target, formOf(exchange));
  const chosen = selection(query, namespaceOf(target));
  const caller = callerOf(exchange);
  const stream = eventStream(exchange, asked);
  const start = await startOf(exchange, target, { asked, chosen });
  // Listening begins in the turn that read the list: nothing can come between them, nor before the head of the answer.
  const watch = deps.client.watch(
    target.kind,
    { ...chosen, resourceVersion: start.resourceVersion },
    {
      onEvents: (events) => stream.write(events.map((event) => encoder.event(event)).join('')),
      onExpired: () => stream.fail(new ApiError('Expired', 'The watch has been cancelled: list again.')),
    },
    caller,
  );
  const newest = async (): Promise<string> =>
    (await deps.client.list(target.kind, { ...chosen, limit: 1 }, caller)).resourceVersion;
  stream.open(watch, async () => encoder.bookmark(await newest()));
  stream.write(start.events.map((event) => encoder.event(event)).join(''));
  if (asked.initial === 'events-then-bookmark') {
    stream.write(encoder.bookmark(start.resourceVersion, { initialEnd: true }));
  }
  await stream.over;
}

type Start = { readonly events: readonly WatchEvent[]; readonly resourceVersion: string };

async function startOf(
  exchange: Exchange,
  target: Target,
  { asked, chosen }: { readonly asked: AskedWatch; readonly chosen: ReturnType<typeof selection> },
): Promise<Start> {
  const { resourceVersion, initial } = asked;
  if (initial === 'none' && resourceVersion !== '') return { events: [], resourceVersion };
  const atLeast = resourceVersion === '' ? {} : { resourceVersion };
  const list = await exchange.deps.client.list(target.kind, { ...chosen, ...atLeast }, callerOf(exchange));
  const events =
    initial === 'none' ? [] : list.items.map((object): WatchEvent => ({ type: 'ADDED', object }));
  return { events, resourceVersion: list.resourceVersion };
}

/** A chunked answer that ends by itself. */
function eventStream(
  { deps, response, warnings }: Exchange,
  { bookmarks, timeoutMs }: AskedWatch,
): {
  readonly over: Promise<void>;
  open(watch: Watch, bookmark: () => Promise<string>): void;
  write(lines: string): void;
  fail(error: ApiError): void;
} {
  const over = Promise.withResolvers<void>();
  const timers = new Set<Timer>();
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    for (const timer of timers) timer.cancel();
    response.end();
    over.resolve();
  };
  const write = (lines: string): void => {
    if (ended || lines === '') return;
    response.write(lines);
    // A reader that does not keep up loses its watch, not the daemon its memory.
    if (response.writableLength <= limits.serverWatchBacklogBytesMax) return;
    deps.log.info('watcher-dropped', { behindBytes: response.writableLength });
    response.destroy();
  };
  const remind = (bookmark: () => Promise<string>): void => {
    const timer = deps.clock.setTimer(timings.watchBookmarkMs, () => {
      timers.delete(timer);
      void bookmark().then((line) => {
        // Events up to that revision are on their way in microtasks; the bookmark comes after them.
        setImmediate(() => write(line));
        if (!ended) remind(bookmark);
      }, end);
    });
    timers.add(timer);
  };
  return {
    over: over.promise,
    write,
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
      write(`${JSON.stringify({ type: 'ERROR', object: failureStatus(error) })}\n`);
      end();
    },
  };
}
