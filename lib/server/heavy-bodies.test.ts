import test from 'ava';
import type { JsonObject } from '../base/json.ts';
import { limits } from '../base/limits.ts';
import { servedApi } from '../testing/served-api.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const map = (name: string, chars: number): JsonObject => ({
  metadata: { name },
  data: { text: 'x'.repeat(chars) },
});

test('of many large bodies some are refused at most, small ones pass them by, and nothing stays behind', async (t) => {
  const api = await servedApi(t);
  const codes: number[] = [];
  const count = limits.serverHeavyWaitingMax + 4;
  const asked = Array.from({ length: count }, async (_, at) => {
    const body = map(`large-${at}`, limits.serverHeavyBodyBytesMin);
    codes.push((await api.ask(`POST ${MAPS}`, { body })).code);
  });
  t.is((await api.ask(`POST ${MAPS}`, { body: map('small', 10) })).code, 201);
  await Promise.all(asked);
  t.true(codes.filter((code) => code === 201).length >= limits.serverHeavyWaitingMax);
  t.true(codes.every((code) => code === 201 || code === 429));
  t.is((await api.ask(`POST ${MAPS}`, { body: map('later', limits.serverHeavyBodyBytesMin) })).code, 201);
});
