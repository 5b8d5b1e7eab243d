import { ApiError } from '../../api/api-error.ts';
import type { WatchEvent } from '../../api/client.ts';
import { callerOf, type Exchange } from '../exchange.ts';
import { servedBytes } from '../wire/served-bytes.ts';
import { formOf } from './answer.ts';
import { eventStream } from './event-stream.ts';
import { newestRevision } from './newest-revision.ts';
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
  const stream = eventStream(exchange, asked, {
    encoder,
    bytesOf: (object) => servedBytes(object, target.apiVersion).byteLength,
  });
  const start = await startOf(exchange, target, { asked, chosen });
  // Listening begins in the turn that read the list: nothing can come between them, nor before the head of the answer.
  const watch = deps.client.watch(
    target.kind,
    { ...chosen, resourceVersion: start.resourceVersion },
    {
      onEvents: (events) => stream.push(events),
      onExpired: () => stream.fail(new ApiError('Expired', 'The watch has been cancelled: list again.')),
    },
    caller,
  );
  stream.open(watch, async () => encoder.bookmark(await newestRevision(exchange)));
  const marked = asked.initial === 'events-then-bookmark';
  stream.begin([
    ...start.events,
    ...(marked ? [encoder.bookmark(start.resourceVersion, { initialEnd: true })] : []),
  ]);
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
  if (initial === 'none') return { events: [], resourceVersion: await newestRevision(exchange) };
  const list = await exchange.deps.client.list(target.kind, { ...chosen, ...atLeast }, callerOf(exchange));
  const events = list.items.map((object): WatchEvent => ({ type: 'ADDED', object }));
  return { events, resourceVersion: list.resourceVersion };
}
