import test from 'ava';
import { limits } from '../../base/limits.ts';
import { pod, ref, rejects, tester } from '../../testing/client-contract.ts';
import { localApi } from '../../testing/local-api.ts';

test('there are no more pods than there is room for, counted over all writes and within one', async (t) => {
  const { client, store } = await localApi();
  const creates = (from: number, count: number) =>
    Array.from({ length: count }, (_, at) => ({ op: 'create', object: pod(`pod-${from + at}`) }) as const);
  await t.throwsAsync(client.transact(creates(0, limits.apiPodsMax + 1), tester), { message: /no room/ });
  await client.transact(creates(0, limits.apiPodsMax), tester);
  await rejects(t, client.create(pod('one-more'), tester), 'Forbidden');
  // Another start counts what is there.
  await rejects(t, (await localApi({ store })).client.create(pod('one-more'), tester), 'Forbidden');
  await client.delete(ref('Pod', 'pod-0'), { gracePeriodSeconds: 0 }, tester);
  await t.notThrowsAsync(client.create(pod('one-more'), tester));
  await rejects(t, client.create(pod('and-one'), tester), 'Forbidden');
});
