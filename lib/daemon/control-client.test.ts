import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { temporaryDirectory } from '../testing/temporary-directory.ts';
import { callDaemon } from './control-client.ts';

test('a data directory that is not there has no daemon, and asking does not make it', async (t) => {
  const dataDirectory = join(await temporaryDirectory(t), 'data');
  await t.throwsAsync(callDaemon(dataDirectory, 'status'), { code: 'NO_DAEMON' });
  t.false(existsSync(dataDirectory));
});

test('a data directory whose daemon has ended has none', async (t) => {
  const dataDirectory = await temporaryDirectory(t);
  mkdirSync(join(dataDirectory, 'control'), { mode: 0o700 });
  await t.throwsAsync(callDaemon(dataDirectory, 'status'), { code: 'NO_DAEMON' });
});
