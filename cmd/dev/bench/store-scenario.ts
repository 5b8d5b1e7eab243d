import { sqliteStore } from '../../../lib/store/sqlite-store.ts';
import { figure, timed } from './figure.ts';
import { inTemporary } from './temporary.ts';

/** Durable writes of 2 KiB, by so many writers that each wait for their last. */
export async function storeWrites(): Promise<void> {
  for (const writers of [1, 16, 64]) {
    await inTemporary(async (directory) => {
      const store = await sqliteStore({ directory });
      const value = Buffer.alloc(2048, 'x');
      const each = writers === 1 ? 2_000 : Math.ceil(12_000 / writers);
      const write = async (writer: number): Promise<void> => {
        for (let at = 0; at < each; at += 1) await store.append([{ key: `/bench/${writer}/${at}`, value }]);
      };
      const { ms, cpuMs } = await timed(() =>
        Promise.all(Array.from({ length: writers }, (_, writer) => write(writer))),
      );
      figure('durable writes of 2 KiB', (writers * each) / (ms / 1000), 'writes/s', { writers, cpuMs });
      await store.close();
    });
  }
}
