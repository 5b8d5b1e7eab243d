import { connect } from 'node:tls';
import test from 'ava';
import type { Caller } from '../../api/client.ts';
import { minuteMs, secondMs } from '../../base/clock.ts';
import { isObject, type JsonObject } from '../../base/json.ts';
import { limits, timings } from '../../base/limits.ts';
import { manualClock } from '../../base/manual-clock.ts';
import { type KubeObject, refOf } from '../../schema/object.ts';
import { type ServedApi, servedApi } from '../../testing/served-api.ts';
import { until } from '../../testing/until.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const writer: Caller = { user: 'writer', fieldManager: 'writer' };
const metadataOf = (line: JsonObject | undefined): JsonObject => {
  const object = isObject(line?.object) ? line.object : {};
  return isObject(object.metadata) ? object.metadata : {};
};
const shown = (lines: readonly JsonObject[]): readonly string[] =>
  lines.map((line) => `${String(line.type)} ${String(metadataOf(line).name ?? '')}`.trim());

const configMap = (name: string, more: { labels?: Record<string, string>; data?: string } = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', ...(more.labels && { labels: more.labels }) },
  data: { text: more.data ?? '' },
});

async function put(api: ServedApi, ...of: Parameters<typeof configMap>): Promise<string> {
  const object: KubeObject = configMap(...of);
  const live = await api.client.get(refOf(object), writer);
  const written = await (live === null
    ? api.client.create(object, writer)
    : api.client.update(object, writer));
  return written.metadata.resourceVersion ?? '';
}

test('an object that comes to match is ADDED, one that no longer does is DELETED as it was, at the revision of that', async (t) => {
  const api = await servedApi(t);
  await put(api, 'one', { labels: { tier: 'web' } });
  const { metadata } = (await api.ask(`GET ${MAPS}?labelSelector=tier%3Dweb`)).body;
  const from = String((metadata as JsonObject).resourceVersion);
  const watch = api.watch(`${MAPS}?watch=1&labelSelector=tier%3Dweb&resourceVersion=${from}`);
  await put(api, 'two', { labels: { tier: 'db' } });
  await put(api, 'two', { labels: { tier: 'web' } });
  await put(api, 'two', { labels: { tier: 'web' }, data: 'b' });
  const left = await put(api, 'two', { labels: { tier: 'db' }, data: 'b' });
  await put(api, 'two', { labels: { tier: 'cache' }, data: 'b' });
  await put(api, 'one', { labels: {} });
  await until(() => watch.lines.length >= 4, { what: 'four events' });
  t.deepEqual(shown(watch.lines), ['ADDED two', 'MODIFIED two', 'DELETED two', 'DELETED one']);
  t.like(metadataOf(watch.lines[2]), { resourceVersion: left, labels: { tier: 'web' } });
});

test('a watch by field hears of that object only; one by a field that is none is refused', async (t) => {
  const api = await servedApi(t);
  const watch = api.watch(`${MAPS}?watch=1&fieldSelector=metadata.name%3Dtwo&resourceVersion=0`);
  for (const name of ['one', 'two', 'three']) await put(api, name);
  await until(() => watch.lines.length >= 1, { what: 'the event' });
  t.deepEqual(shown(watch.lines), ['ADDED two']);
  t.is((await api.ask(`GET ${MAPS}?watch=1&fieldSelector=data.a%3Db`)).code, 400);
});

const forms = [
  {
    accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    first: { kind: 'Table', apiVersion: 'meta.k8s.io/v1' },
    bookmark: { kind: 'Table' },
  },
  {
    accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
    first: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' },
    bookmark: { kind: 'PartialObjectMetadata' },
  },
  {
    accept: 'application/vnd.kubernetes.protobuf,application/json',
    first: { kind: 'ConfigMap', apiVersion: 'v1' },
    bookmark: { kind: 'ConfigMap', apiVersion: 'v1' },
  },
] as const;

for (const { accept, first, bookmark } of forms) {
  test(`a watch that accepts ${accept} is answered in that form`, async (t) => {
    const api = await servedApi(t);
    await put(api, 'one');
    const query = 'watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan';
    const watch = api.watch(`${MAPS}?${query}`, { accept });
    await until(() => watch.lines.length === 2, { what: 'the object and the end of what was there' });
    await put(api, 'one', { data: 'b' });
    await until(() => watch.lines.length === 3, { what: 'the change' });
    t.like(watch.lines[0], { type: 'ADDED', object: first });
    t.like(watch.lines[1], { type: 'BOOKMARK', object: bookmark });
    t.like(watch.lines[2], { type: 'MODIFIED', object: first });
  });
}

const expired = [
  {
    title: 'a revision that was never reached',
    query: 'resourceVersion=99999',
    code: 410,
    reason: 'Expired',
  },
  { title: 'a revision that is no number', query: 'resourceVersion=soon', code: 400, reason: 'BadRequest' },
  {
    title: 'a match without initial events',
    query: 'resourceVersionMatch=NotOlderThan',
    code: 422,
    reason: 'Invalid',
  },
  { title: 'initial events without a match', query: 'sendInitialEvents=true', code: 422, reason: 'Invalid' },
  {
    title: 'initial events of exactly one revision',
    query: 'sendInitialEvents=true&resourceVersionMatch=Exact&resourceVersion=1',
    code: 422,
    reason: 'Invalid',
  },
  { title: 'a time that is negative', query: 'timeoutSeconds=-1', code: 400, reason: 'BadRequest' },
] as const;

for (const { title, query, code, reason } of expired) {
  test(`a watch of ${title} is refused with ${code}`, async (t) => {
    const api = await servedApi(t);
    const answer = await api.ask(`GET ${MAPS}?watch=1&${query}`);
    t.is(answer.code, code, answer.text);
    t.like(answer.body, { kind: 'Status', reason, code });
  });
}

test('a watch from before what is remembered is expired, and a list leads on from there', async (t) => {
  const api = await servedApi(t);
  const early = await put(api, 'one');
  for (let round = 0; round < 12; round += 1)
    await put(api, 'big', { data: `${round % 10}`.repeat(900_000) });
  t.like((await api.ask(`GET ${MAPS}?watch=1&resourceVersion=${early}`)).body, {
    code: 410,
    reason: 'Expired',
  });
  t.is((await api.ask(`GET ${MAPS}?resourceVersionMatch=Exact&resourceVersion=${early}`)).code, 410);
  const { metadata } = (await api.ask(`GET ${MAPS}?limit=1`)).body;
  const watch = api.watch(
    `${MAPS}?watch=1&resourceVersion=${String((metadata as JsonObject).resourceVersion)}`,
  );
  await put(api, 'two');
  await until(() => watch.lines.length === 1, { what: 'what came after the list' });
  t.deepEqual(shown(watch.lines), ['ADDED two']);
});

test('bookmarks tell of revisions that other kinds reached; a watch ends at its time, or at one of its own', async (t) => {
  const clock = manualClock();
  const api = await servedApi(t, { clock });
  const base = `${MAPS}?watch=1&resourceVersion=`;
  const from = await put(api, 'one');
  const watches = {
    marked: api.watch(`${base}${from}&allowWatchBookmarks=true`),
    plain: api.watch(`${base}${from}`),
    short: api.watch(`${base}${from}&timeoutSeconds=90`),
    endless: api.watch(`${base}${from}&timeoutSeconds=9223372036854775807`),
  };
  const newest = await put(api, 'two');
  await until(() => Object.values(watches).every(({ lines }) => lines.length === 1), { what: 'the event' });
  clock.advance(timings.watchBookmarkMs);
  await until(() => watches.marked.lines.length === 2, { what: 'a bookmark' });
  t.like(watches.marked.lines[1], { type: 'BOOKMARK', object: { metadata: { resourceVersion: newest } } });
  clock.advance(30 * secondMs);
  await until(() => watches.short.ended(), { what: 'the end after 90 seconds' });
  t.false(watches.plain.ended());
  clock.advance(60 * minuteMs);
  await until(() => watches.plain.ended() && watches.marked.ended(), { what: 'the end of the others' });
  t.is(watches.plain.lines.length, 1, 'who does not read bookmarks gets none');
  t.false(watches.endless.ended());
});

/** A watcher that asks and never reads. */
function deafWatcher(api: ServedApi, path: string): { readonly closed: () => boolean; destroy(): void } {
  const { authority, admin } = api.certificates;
  const socket = connect({
    ...{ host: '127.0.0.1', port: api.server.port, servername: 'localhost' },
    ...{ ca: authority.certificatePem, cert: admin.certificatePem, key: admin.keyPem },
  });
  let closed = false;
  socket.on('error', () => undefined);
  socket.on('secureConnect', () => {
    socket.pause();
    socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  });
  socket.on('close', () => {
    closed = true;
  });
  return { closed: () => closed, destroy: () => void socket.destroy() };
}

async function streams(api: ServedApi): Promise<number> {
  const { text } = await api.ask('GET /metrics');
  return Number(/request_kind="streams"\} (\d+)/.exec(text)?.[1]);
}

test('a watcher that never reads is dropped when it is too far behind; the others hear everything', async (t) => {
  const api = await servedApi(t);
  const from = await put(api, 'big');
  const path = `${MAPS}?watch=1&resourceVersion=${from}`;
  const deaf = deafWatcher(api, path);
  t.teardown(() => deaf.destroy());
  const watch = api.watch(path);
  await until(async () => (await streams(api)) === 2, { what: 'both watch' });
  // What the machine itself keeps for a connection comes on top.
  const rounds = Math.ceil((limits.serverWatchBacklogCharsMax + 16 * 1024 * 1024) / 900_000);
  for (let round = 0; round < rounds; round += 1) {
    await put(api, 'big', { data: `${round % 10}`.repeat(900_000) });
    await until(() => watch.lines.length > round, { what: 'the event' });
  }
  await until(async () => (await streams(api)) === 1, { what: 'the deaf one is dropped' });
  await until(() => watch.lines.length === rounds, { what: 'all events' });
  t.false(watch.ended());
});

test('a watcher that takes nothing for long is dropped, though little waits for it', async (t) => {
  const clock = manualClock();
  const api = await servedApi(t, { clock });
  for (let at = 0; at < 10; at += 1) await put(api, `big-${at}`, { data: 'x'.repeat(900_000) });
  const deaf = deafWatcher(api, `${MAPS}?watch=1&resourceVersion=0`);
  t.teardown(() => deaf.destroy());
  const slow = api.watch(`${MAPS}?watch=1&resourceVersion=0`);
  await until(async () => (await streams(api)) === 2, { what: 'both watch' });
  await until(() => slow.lines.length === 10, { what: 'all that is there' });
  clock.advance(timings.watchStallMs);
  await until(async () => (await streams(api)) === 1, { what: 'the deaf one is dropped' });
  t.false(slow.ended());
});

test('what is there may be more than a watcher may be behind, for one that reads', async (t) => {
  const api = await servedApi(t);
  const count = Math.ceil(limits.serverWatchBacklogCharsMax / 900_000) + 4;
  for (let at = 0; at < count; at += 1) await put(api, `big-${at}`, { data: 'x'.repeat(900_000) });
  const query = 'watch=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan';
  const watch = api.watch(`${MAPS}?${query}`);
  await until(() => watch.lines.length > 0, { what: 'the first of it' });
  await put(api, 'late');
  await until(() => watch.lines.length === count + 2, { what: 'all of it, the mark and what came after' });
  const types = watch.lines.map(({ type }) => String(type));
  t.is(types[count], 'BOOKMARK');
  t.deepEqual(shown(watch.lines.slice(-1)), ['ADDED late']);
});
