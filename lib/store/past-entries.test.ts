import test from 'ava';
import fc from 'fast-check';
import { historyArbitrary, writesOf } from '../testing/store-contract.ts';
import { tries } from '../testing/thoroughness.ts';
import { memoryStore } from './memory-store.ts';

const decoder = new TextDecoder();

test('every revision of any history is listed as it was, page by page or whole', async (t) => {
  await fc.assert(
    fc.asyncProperty(historyArbitrary, fc.integer({ min: 1, max: 4 }), async (history, limit) => {
      const store = memoryStore();
      const shown = (at?: number): string =>
        store
          .list('/m/', { ...(at !== undefined && { at }) })
          .entries.map(({ key, value }) => `${key}=${decoder.decode(value)}`)
          .join();
      const paged = (at: number): string => {
        const rows: string[] = [];
        let after: string | undefined;
        do {
          const page = store.list('/m/', { at, limit, ...(after && { after }) });
          rows.push(...page.entries.map(({ key, value }) => `${key}=${decoder.decode(value)}`));
          after = page.next;
        } while (after !== undefined);
        return rows.join();
      };
      const was = new Map([[0, '']]);
      for (const step of history) was.set(await store.append(writesOf(step)), shown());
      const wrong = [...was].filter(([at, text]) => shown(at) !== text || paged(at) !== text);
      await store.close();
      return wrong.length === 0;
    }),
    { seed: 3, numRuns: tries(60) },
  );
  t.pass();
});
