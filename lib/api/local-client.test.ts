import test from 'ava';
import { clientContract, tester } from '../testing/client-contract.ts';
import { localApi } from '../testing/local-api.ts';

clientContract(test, 'local client', async () => {
  const { client, store } = await localApi();
  return { client, dispose: () => store.close() };
});

test('a record of our own may be larger than any object: what is said of a large repository is kept', async (t) => {
  const { client } = await localApi();
  const source = (blocked: number) => ({
    apiVersion: 'pintle.dev/v1',
    kind: 'Source',
    metadata: { name: 'main' },
    spec: {
      recorded: {
        blocked: Array.from({ length: blocked }, (_, at) => ({ detail: `${'x'.repeat(90)}${at}` })),
      },
    },
  });
  await t.notThrowsAsync(client.create(source(100_000), tester));
});
