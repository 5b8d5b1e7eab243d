import test from 'ava';
import type { KubeObject } from '../schema/object.ts';
import { localApi } from '../testing/local-api.ts';
import type { Caller } from './client.ts';

test('an object of thousands of unknown fields is made without them, and what is mistyped behind them is still found', async (t) => {
  const { client } = await localApi();
  const unknown = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`u${at}`, at]));
  const warnings: string[] = [];
  const caller: Caller = {
    ...{ user: 'test', groups: ['system:masters'], fieldManager: 'test', fieldValidation: 'Warn' },
    onWarning: (text) => void warnings.push(text),
  };
  const object = {
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } },
    ...{ ...unknown, data: { a: '1' } },
  };
  const made: KubeObject = await client.create(object, caller);
  t.deepEqual(Object.keys(made).sort(), ['apiVersion', 'data', 'kind', 'metadata']);
  t.is(warnings[0], 'unknown field "u0"');
  const wrong = { ...object, metadata: { name: 'b', namespace: 'default' }, data: { a: 1 } };
  await t.throwsAsync(client.create(wrong, caller), { message: /cannot be handled as a ConfigMap/ });
});
