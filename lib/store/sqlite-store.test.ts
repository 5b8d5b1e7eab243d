import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import fc from 'fast-check';
import { historyArbitrary, storeContract, writesOf } from '../testing/store-contract.ts';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { stride, tries } from '../testing/thoroughness.ts';
import { until } from '../testing/until.ts';
import { memoryStore } from './memory-store.ts';
import { sqliteStore } from './sqlite-store.ts';
import type { Store } from './store.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const shown = (store: Store): readonly string[] =>
  store
    .list('/')
    .entries.map((entry) => `${entry.key}=${new TextDecoder().decode(entry.value)}@${entry.revision}`);

storeContract(test, 'sqlite', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pintle-test-'));
  const store = await sqliteStore({ directory });
  return {
    store,
    dispose: async () => {
      await store.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
});

test('what was written is there after opening again, and revisions go on', async (t) => {
  const directory = await temporaryDirectory(t);
  const first = await sqliteStore({ directory });
  await first.append([
    { key: '/b', value: bytes('1') },
    { key: '/a', value: bytes('1') },
  ]);
  await first.append([{ key: '/a', value: null }]);
  await first.close();
  const second = await sqliteStore({ directory });
  t.teardown(() => second.close());
  t.deepEqual(shown(second), ['/b=1@1']);
  t.is(second.revision(), 2);
  t.is(await second.append([{ key: '/b', value: bytes('2'), expect: 1 }]), 3);
  t.throws(() => second.watch('/', 1, () => {}), { code: 'STORE_EXPIRED' });
});

test('any history leaves the same in memory, on disk, and on disk opened again', async (t) => {
  await fc.assert(
    fc.asyncProperty(historyArbitrary, async (history) => {
      const directory = mkdtempSync(join(tmpdir(), 'pintle-test-'));
      const memory = memoryStore();
      let disk = await sqliteStore({ directory });
      for (const step of history) {
        const both = [memory.append(writesOf(step)), disk.append(writesOf(step))];
        const revisions = step.wait ? await Promise.all(both) : [0, 0];
        t.is(revisions[0], revisions[1]);
      }
      await Promise.all([memory.append([]), disk.append([])]);
      t.deepEqual(shown(disk), shown(memory));
      await disk.close();
      disk = await sqliteStore({ directory });
      t.deepEqual(shown(disk), shown(memory));
      t.is(disk.revision(), memory.revision());
      await disk.close();
      rmSync(directory, { recursive: true, force: true });
    }),
    { numRuns: tries(8) },
  );
});

test('the directory and its files are closed to others', async (t) => {
  const directory = join(await temporaryDirectory(t), 'data');
  const store = await sqliteStore({ directory });
  await store.append([{ key: '/a', value: bytes('1') }]);
  const modes = ['', 'store.db', 'store.db-wal'].map((name) => statSync(join(directory, name)).mode & 0o777);
  t.deepEqual(modes, [0o700, 0o600, 0o600]);
  await store.close();
});

test('a file of a newer Pintle is refused and left alone', async (t) => {
  const directory = await temporaryDirectory(t);
  await (await sqliteStore({ directory })).close();
  const path = join(directory, 'store.db');
  const database = new DatabaseSync(path);
  database.exec('PRAGMA user_version = 999');
  database.close();
  const before = readFileSync(path);
  await t.throwsAsync(sqliteStore({ directory }), { code: 'STORE_TOO_NEW' });
  t.deepEqual(readFileSync(path), before);
});

test('a file of another program is refused', async (t) => {
  const directory = await temporaryDirectory(t);
  const database = new DatabaseSync(join(directory, 'store.db'));
  database.exec('CREATE TABLE theirs (a)');
  database.close();
  await t.throwsAsync(sqliteStore({ directory }), { code: 'STORE_FOREIGN' });
});

for (const [title, damage] of [
  ['no database at all', (path: string) => writeFileSync(path, 'something else '.repeat(1_000))],
  ['cut short', (path: string) => truncateSync(path, statSync(path).size / 2)],
  [
    'overwritten in the middle',
    (path: string) => {
      const content = readFileSync(path);
      content.fill(0x5a, 8_192, content.length - 4_096);
      writeFileSync(path, content);
    },
  ],
] as const) {
  test(`a damaged file is told as such: ${title}`, async (t) => {
    const directory = await temporaryDirectory(t);
    const store = await sqliteStore({ directory });
    await store.append(
      Array.from({ length: 200 }, (_, at) => ({ key: `/k${at}`, value: bytes('x'.repeat(500)) })),
    );
    await store.close();
    damage(join(directory, 'store.db'));
    await t.throwsAsync(sqliteStore({ directory }), { code: 'STORE_CORRUPT' });
  });
}

test('a second opener of the file is refused while the first lives', async (t) => {
  const directory = await temporaryDirectory(t);
  const store = await sqliteStore({ directory });
  await t.throwsAsync(sqliteStore({ directory }), { code: 'STORE_IN_USE' });
  await store.close();
  await (await sqliteStore({ directory })).close();
});

test('a full disk refuses writes and what was built on them, loses nothing, and recovers', async (t) => {
  const directory = await temporaryDirectory(t);
  const store = await sqliteStore({ directory, fileBytesMax: 256 * 1024 });
  t.teardown(() => store.close());
  await store.append([{ key: '/kept', value: bytes('1') }]);
  await store.append([{ key: '/bulk', value: new Uint8Array(150 * 1024) }]);
  const seen: string[] = [];
  store.watch('/', store.revision(), (events) => seen.push(...events.map((event) => event.key)));
  const tooMuch = store.append([
    { key: '/huge', value: new Uint8Array(300 * 1024) },
    { key: '/kept', value: null },
  ]);
  const builtOnIt = store.append([{ key: '/huge', value: bytes('small'), expect: 3 }]);
  await t.throwsAsync(tooMuch, { code: 'STORE_UNWRITABLE' });
  await t.throwsAsync(builtOnIt, { code: 'STORE_UNWRITABLE' });
  t.is(store.read('/huge'), undefined);
  t.is(store.readQueued('/huge'), undefined);
  t.truthy(store.read('/kept'));
  await store.append([{ key: '/bulk', value: null }]);
  await store.append([{ key: '/after', value: bytes('1') }]);
  await until(() => seen.includes('/after'), { what: 'the event after recovery' });
  t.deepEqual(seen, ['/bulk', '/after']);
});

test('a directory that cannot be written is told as such', async (t) => {
  const file = join(await temporaryDirectory(t), 'file');
  writeFileSync(file, '');
  await t.throwsAsync(sqliteStore({ directory: join(file, 'data') }), { code: 'STORE_UNWRITABLE' });
});

test('kill -9 at any moment loses no acknowledged write and tears no batch', async (t) => {
  const directory = await temporaryDirectory(t);
  const script = fileURLToPath(new URL('../testing/store-writer.ts', import.meta.url));
  const acknowledged: string[] = [];
  for (let run = 0; run < 4; run += stride(2)) {
    const writer = spawn(process.execPath, [script, directory, `run${run}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    writer.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.length > 4_000 * (run + 1)) writer.kill('SIGKILL');
    });
    await once(writer, 'close');
    // The last line may have been cut by the kill.
    acknowledged.push(...printed.split('\n').slice(0, -1));
  }
  const store = await sqliteStore({ directory });
  t.teardown(() => store.close());
  t.true(acknowledged.length > 100);
  for (const line of acknowledged) {
    const [key = '', revision] = line.split(' ');
    t.is(store.read(key)?.revision, Number(revision), key);
  }
  const keys = store.list('/').entries.map((entry) => entry.key);
  t.is(keys.filter((key) => key.endsWith('/a')).length, keys.filter((key) => key.endsWith('/b')).length);
});
