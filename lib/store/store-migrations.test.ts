import { DatabaseSync } from 'node:sqlite';
import test from 'ava';
import { migrate, migrations } from './store-migrations.ts';

const next = [...migrations, 'ALTER TABLE head ADD COLUMN note TEXT', "UPDATE head SET note = 'moved'"];

test('a file of an older version is brought forward step by step and keeps what it held', (t) => {
  const database = new DatabaseSync(':memory:');
  migrate(database, 'a.db');
  database.exec("INSERT INTO entries VALUES ('/a', 7, x'01'); UPDATE head SET revision = 7");
  migrate(database, 'a.db', next);
  t.like(database.prepare('SELECT * FROM head').get(), { revision: 7, note: 'moved' });
  t.is(database.prepare('SELECT count(*) AS count FROM entries').get()?.count, 1);
  t.notThrows(() => migrate(database, 'a.db', next));
});

test('an older program refuses what a newer one brought forward', (t) => {
  const database = new DatabaseSync(':memory:');
  migrate(database, 'a.db', next);
  t.throws(() => migrate(database, 'a.db'), { code: 'STORE_TOO_NEW' });
});
