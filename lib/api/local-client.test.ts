import test from 'ava';
import { clientContract } from '../testing/client-contract.ts';
import { localApi } from '../testing/local-api.ts';

clientContract(test, 'local client', async () => {
  const { client, store } = await localApi();
  return { client, dispose: () => store.close() };
});
