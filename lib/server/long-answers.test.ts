import { randomBytes } from 'node:crypto';
import { request } from 'node:https';
import { createGunzip } from 'node:zlib';
import test from 'ava';
import type { JsonObject } from '../base/json.ts';
import { limits, timings } from '../base/limits.ts';
import { manualClock } from '../base/manual-clock.ts';
import { rawConnection } from '../testing/raw-connection.ts';
import { type ServedApi, servedApi } from '../testing/served-api.ts';
import { until } from '../testing/until.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const table = { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' };
const partial = { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' };
const SIZE = 500_000;
/** That packs to little less. */
const noise = randomBytes((SIZE / 4) * 3).toString('base64');

/** Several times the size that is written at a time, and more than a connection takes by itself. */
async function fill(api: ServedApi, count = 30): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    const annotations = { note: 'é'.repeat(60_000) };
    const body = { metadata: { name: `map-${at}`, annotations }, data: { text: noise } };
    const { code } = await api.ask(`POST ${MAPS}`, { body });
    if (code !== 201) throw new Error(`${code}`);
  }
}

test('a list in pieces is the list, in every form, packed or not', async (t) => {
  const api = await servedApi(t);
  await fill(api, 6);
  const list = await api.ask(`GET ${MAPS}`);
  t.true(list.text.length > 3 * limits.serverAnswerChunkBytes);
  const items = list.body.items as readonly JsonObject[];
  t.is(items.length, 6);
  for (const [at, item] of items.entries()) {
    const { body, text } = await api.ask(`GET ${MAPS}/map-${at}`);
    t.deepEqual(item, body);
    t.true(text.length > SIZE);
  }
  const parts = (await api.ask(`GET ${MAPS}`, { headers: partial })).body.items as readonly JsonObject[];
  t.deepEqual(
    parts.map(({ metadata }) => metadata),
    items.map(({ metadata }) => metadata),
  );
  const rows = (await api.ask(`GET ${MAPS}?includeObject=Object`, { headers: table })).body;
  t.is((rows.columnDefinitions as readonly JsonObject[]).length, 3);
  t.deepEqual(
    (rows.rows as readonly JsonObject[]).map(({ object }) => object),
    items,
  );
  t.is((await api.ask(`HEAD ${MAPS}`)).code, 200);
  const packed = await fetchPacked(api);
  t.is(packed, list.text);
});

async function fetchPacked(api: ServedApi): Promise<string> {
  const { authority, admin } = api.certificates;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const asked = request({
    ...{ host: '127.0.0.1', port: api.server.port, path: MAPS, headers: { 'accept-encoding': 'gzip' } },
    ...{ ca: authority.certificatePem, cert: admin.certificatePem, key: admin.keyPem, agent: false },
  });
  asked.on('error', reject);
  asked.on('response', (response) => {
    const chunks: Buffer[] = [];
    const unpacked = response.pipe(createGunzip());
    unpacked.on('error', reject);
    unpacked.on('data', (chunk: Buffer) => chunks.push(chunk));
    unpacked.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
  });
  asked.end();
  return promise;
}

for (const encoding of ['identity', 'gzip']) {
  test(`who asks for much and reads nothing is let go in the end: ${encoding}`, async (t) => {
    const clock = manualClock(Date.now());
    const api = await servedApi(t, { clock });
    await fill(api);
    const count = 8;
    const readers = Array.from({ length: count }, () => rawConnection(t, api));
    for (const { socket } of readers) {
      socket.pause();
      socket.write(`GET ${MAPS} HTTP/1.1\r\nhost: a\r\naccept-encoding: ${encoding}\r\n\r\n`);
    }
    const atWork = async (): Promise<number> => {
      const { text } = await api.ask('GET /metrics');
      return Number(/request_kind="requests"\} (\d+)/.exec(text)?.[1]);
    };
    await until(async () => (await atWork()) === count + 1, { what: 'all to be answered' });
    t.is((await api.ask(`GET ${MAPS}?limit=1`)).code, 200);
    const gone = async (): Promise<boolean> => {
      if ((await atWork()) === 1) return true;
      // What they take by themselves, they take bit by bit.
      clock.advance(timings.answerStallMs);
      return false;
    };
    await until(gone, { what: 'those who read nothing to be gone' });
  });
}
