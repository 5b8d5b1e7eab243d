import { sqliteStore } from '../store/sqlite-store.ts';

/**
 * A process that writes until it is killed: every acknowledged key is printed, a line each.
 * Arguments: the directory, and a text that begins this run's keys.
 */
const [directory = '', run = ''] = process.argv.slice(2);
const store = await sqliteStore({ directory });
const value = new TextEncoder().encode('x'.repeat(200));

async function writer(name: number): Promise<never> {
  for (let count = 0; ; count += 1) {
    const keys = [`/${run}/${name}/${count}/a`, `/${run}/${name}/${count}/b`];
    const revision = await store.append(keys.map((key) => ({ key, value })));
    process.stdout.write(`${keys[0]} ${revision}\n`);
  }
}
await Promise.all([0, 1, 2, 3].map(writer));
