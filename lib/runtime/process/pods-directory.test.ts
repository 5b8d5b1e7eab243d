import { execFile } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, realpathSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { temporaryDirectory } from '../../testing/temporary-directory.ts';
import { podsDirectory } from './pods-directory.ts';

test('pods that run as ourselves lie in the data directory, for us alone', async (t) => {
  const dataDirectory = join(await temporaryDirectory(t), 'data');
  const path = podsDirectory({ dataDirectory, ownUsers: false });
  t.is(path, join(realpathSync(dataDirectory), 'pods'));
  t.is(statSync(path).mode & 0o777, 0o700);
});

test('pods with users of their own lie there too when they can get there', async (t) => {
  const temporary = await temporaryDirectory(t);
  chmodSync(temporary, 0o711);
  const dataDirectory = join(temporary, 'data');
  mkdirSync(dataDirectory, { mode: 0o711 });
  const path = podsDirectory({ dataDirectory, ownUsers: true });
  t.false(lstatSync(join(dataDirectory, 'pods')).isSymbolicLink());
  t.is(statSync(path).mode & 0o777, 0o711);
});

test('else elsewhere, behind a link, and it goes when the data directory has gone', async (t) => {
  const temporary = await temporaryDirectory(t);
  const elsewhere = join(temporary, 'elsewhere');
  const at = (name: string): string =>
    podsDirectory({ dataDirectory: join(temporary, name), ownUsers: true, elsewhere });
  const first = at('first');
  t.true(first.startsWith(`${realpathSync(elsewhere)}/`));
  t.is(at('first'), first);
  rmSync(join(temporary, 'first'), { recursive: true });
  const second = at('second');
  t.not(second, first);
  t.false(existsSync(first));
  // Its link was there before the directory it leads to was lost.
  rmSync(second, { recursive: true });
  t.is(at('second'), second);
});

test('daemons that start at the same time do not stumble over what another one has just taken away', async (t) => {
  const temporary = await temporaryDirectory(t);
  const module = JSON.stringify(new URL('./pods-directory.ts', import.meta.url).href);
  const program = `import { existsSync, rmSync } from 'node:fs';
    const { podsDirectory } = await import(${module});
    const [, temporary, name] = process.argv;
    for (let at = 0; at < 100; at += 1) {
      const dataDirectory = temporary + '/' + name + at;
      const path = podsDirectory({ dataDirectory, ownUsers: true, elsewhere: temporary + '/elsewhere' });
      if (!existsSync(path)) throw new Error(path + ' was taken away');
      rmSync(dataDirectory, { recursive: true });
    }`;
  const run = promisify(execFile);
  const each = ['a', 'b', 'c'].map((name) =>
    run(process.execPath, ['--input-type=module', '-e', program, temporary, name]),
  );
  await t.notThrowsAsync(Promise.all(each));
});
