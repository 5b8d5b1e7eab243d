import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { Caller } from '../api/client.ts';
import { isArray, isObject, type JsonObject } from '../base/json.ts';
import { timings } from '../base/limits.ts';
import { type ManualClock, manualClock } from '../base/manual-clock.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { type OpenWatch, type ServedApi, servedApi } from '../testing/served-api.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { tries } from '../testing/thoroughness.ts';
import { until } from '../testing/until.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const caller: Caller = { user: 'writer', fieldManager: 'writer' };
const MARK = 'k8s.io/initial-events-end';

const step = fc.record({
  name: fc.constantFrom('a', 'b', 'c', 'd'),
  what: fc.oneof(
    { weight: 8, arbitrary: fc.constant('write' as const) },
    { weight: 3, arbitrary: fc.constant('delete' as const) },
    { weight: 3, arbitrary: fc.constant('disconnect' as const) },
    { weight: 1, arbitrary: fc.constant('forget' as const) },
    { weight: 2, arbitrary: fc.constant('bookmark' as const) },
  ),
  chosen: fc.boolean(),
  /** Whether the writer waits before the next step: else several write at once. */
  waits: fc.boolean(),
});
const setting = fc.record({
  query: fc.constantFrom(
    '',
    'labelSelector=chosen%3Dtrue',
    'fieldSelector=metadata.name%3Da',
    'fieldSelector=metadata.name!%3Db&labelSelector=chosen',
  ),
  /** Begins with a watch that lists, instead of a list. */
  streams: fc.boolean(),
  script: fc.array(step, { maxLength: 40 }),
});

type Values<A> = A extends fc.Arbitrary<infer T> ? T : never;
type Step = Values<typeof step>;
type Setting = Values<typeof setting>;

type Named = { readonly name: string; readonly resourceVersion: string; readonly marked: boolean };

function namedOf(object: unknown): Named {
  const metadata = isObject(object) && isObject(object.metadata) ? object.metadata : {};
  const { name, resourceVersion, annotations } = metadata;
  const marked = isObject(annotations) && annotations[MARK] === 'true';
  return { name: String(name), resourceVersion: String(resourceVersion), marked };
}

/** The objects as a client that lists and watches has them; an event that is repeated, torn or out of order throws. */
class Mirror {
  objects = new Map<string, string>();
  revision = 0;
  /** While what is there already is still being told, its revisions are in the order of names. */
  initial = false;
  replace(items: readonly unknown[], revision: string): void {
    this.objects = new Map(items.map(namedOf).map(({ name, resourceVersion }) => [name, resourceVersion]));
    this.revision = Number(revision);
  }
  take({ type, object }: JsonObject): void {
    const { name, resourceVersion, marked } = namedOf(object);
    const revision = Number(resourceVersion);
    if (type === 'BOOKMARK') {
      if (revision < this.revision) throw new Error(`a bookmark of ${revision} after ${this.revision}`);
      if (marked) this.initial = false;
      this.revision = revision;
      return;
    }
    if (!this.initial) {
      if (revision <= this.revision) throw new Error(`${revision} came after ${this.revision}`);
      this.revision = revision;
    }
    if ((type === 'ADDED') === this.objects.has(name)) throw new Error(`${String(type)} of ${name}`);
    if (type === 'DELETED') this.objects.delete(name);
    else this.objects.set(name, resourceVersion);
  }
  shown(): string {
    return [...this.objects]
      .map((pair) => pair.join(' '))
      .sort()
      .join();
  }
}

/** A client that lists, watches, loses its connection and its place, and goes on. */
class Follower {
  readonly mirror = new Mirror();
  readonly api: ServedApi;
  readonly query: string;
  readonly streams: boolean;
  watch: OpenWatch | null = null;
  taken = 0;
  constructor(api: ServedApi, options: { readonly query: string; readonly streams: boolean }) {
    this.api = api;
    this.query = options.query;
    this.streams = options.streams;
  }
  open(more: string): void {
    this.taken = 0;
    this.watch = this.api.watch(`${MAPS}?watch=1&allowWatchBookmarks=true&${this.query}&${more}`);
  }
  async begin(): Promise<void> {
    if (this.streams) {
      this.mirror.replace([], '0');
      this.mirror.initial = true;
      return this.open('sendInitialEvents=true&resourceVersionMatch=NotOlderThan');
    }
    const items: unknown[] = [];
    let token = '';
    do {
      const { body } = await this.api.ask(
        `GET ${MAPS}?limit=2&${this.query}${token && `&continue=${token}`}`,
      );
      const { continue: next, resourceVersion } = isObject(body.metadata) ? body.metadata : {};
      items.push(...(isArray(body.items) ? body.items : []));
      this.mirror.replace(items, String(resourceVersion));
      token = typeof next === 'string' ? next : '';
    } while (token !== '');
    this.open(`resourceVersion=${this.mirror.revision}`);
  }
  /** Takes what came. Once a watch is expired everything is listed again. */
  async drain(): Promise<void> {
    const lines = this.watch?.lines.slice(this.taken) ?? [];
    this.taken += lines.length;
    for (const line of lines) {
      if (line.kind === 'Status' && line.code === 410) return this.begin();
      this.mirror.take(line);
    }
    if (this.watch?.ended() && this.taken === this.watch.lines.length) await this.reconnect();
  }
  /** Goes on where it was; from the beginning, where it was not told yet what there is. */
  async reconnect(): Promise<void> {
    if (!this.watch?.ended()) await this.drain();
    this.watch?.close();
    if (this.mirror.initial) return this.begin();
    this.open(`resourceVersion=${this.mirror.revision}`);
  }
}

async function write(api: ServedApi, { name, chosen, what }: Step): Promise<void> {
  const ref = { group: '', kind: 'ConfigMap', namespace: 'default', name };
  if (what === 'delete') return void (await api.client.delete(ref, {}, caller).catch(() => null));
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default', ...(chosen && { labels: { chosen: 'true' } }) },
    data: { at: `${performance.now()}` },
  };
  await api.client.update(object, caller).catch(() => api.client.create(object, caller).catch(() => null));
}

/** More than is remembered, of a kind nobody here follows: where a watch left off is forgotten. */
async function forget(api: ServedApi): Promise<void> {
  const metadata = { name: 'big', namespace: 'default' };
  for (let round = 0; round < 11; round += 1) {
    const data = { a: Buffer.alloc(700_000, `${round}`).toString('base64') };
    const object = { apiVersion: 'v1', kind: 'Secret', metadata, data };
    await api.client.update(object, caller).catch(() => api.client.create(object, caller));
  }
}

async function follows(
  api: ServedApi,
  clock: ManualClock,
  { query, streams, script }: Setting,
): Promise<void> {
  const follower = new Follower(api, { query, streams });
  await follower.begin();
  let writing: Promise<unknown>[] = [];
  for (const each of script) {
    if (each.what === 'disconnect') await follower.reconnect();
    else if (each.what === 'bookmark') clock.advance(timings.watchBookmarkMs);
    else if (each.what === 'forget') {
      await follower.drain();
      follower.watch?.close();
      await forget(api);
      if (follower.mirror.initial) await follower.begin();
      else follower.open(`resourceVersion=${follower.mirror.revision}`);
    } else writing.push(write(api, each));
    if (!each.waits) continue;
    await Promise.all(writing);
    writing = [];
  }
  await Promise.all(writing);
  const { body } = await api.ask(`GET ${MAPS}?${query}`);
  const expected = new Mirror();
  expected.replace(isArray(body.items) ? body.items : [], '0');
  await until(
    async () => {
      // Many connections that broke off at once make the server rest for a moment.
      clock.advance(1);
      await follower.drain();
      return !follower.mirror.initial && follower.mirror.shown() === expected.shown();
    },
    { what: `the mirror to be ${expected.shown()}, not ${follower.mirror.shown()}`, deadlineMs: 10_000 },
  );
  follower.watch?.close();
}

async function check(t: ExecutionContext, store: Store | undefined, numRuns: number): Promise<void> {
  const clock = manualClock();
  const api = await servedApi(t, { clock, ...(store && { store }) });
  await fc.assert(
    fc.asyncProperty(setting, (of) => follows(api, clock, of)),
    { numRuns: tries(numRuns), seed: Number(process.env.FUZZ_SEED ?? 21) },
  );
  t.pass();
}

test('a list followed by watches that break off, expire and go on misses nothing and repeats nothing', (t) =>
  check(t, undefined, 60));

test('the same on a store that is durable', async (t) => {
  const directory = await temporaryDirectory(t);
  const store = await sqliteStore({ directory });
  t.teardown(() => store.close());
  await check(t, store, 12);
});
