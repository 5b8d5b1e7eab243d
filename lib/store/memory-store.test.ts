import test from 'ava';
import { storeContract } from '../testing/store-contract.ts';
import { memoryStore } from './memory-store.ts';

storeContract(test, 'memory', async () => {
  const store = memoryStore();
  return { store, dispose: () => store.close() };
});
