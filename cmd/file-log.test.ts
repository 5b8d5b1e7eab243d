import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { temporaryDirectory } from '../lib/testing/temporary-directory.ts';
import { fileLog } from './file-log.ts';

test('a log that is written for ever keeps to its bound, and is for us alone', async (t) => {
  const directory = await temporaryDirectory(t);
  const path = join(directory, 'pintle.log');
  for (const start of [1, 2]) {
    const log = fileLog({ path, level: 'info', bytesMax: 10_000 });
    for (let at = 0; at < 500; at += 1) log.info('event', { start, text: 'x'.repeat(100) });
  }
  t.deepEqual(readdirSync(directory).sort(), ['pintle.log', 'pintle.log.1']);
  for (const name of readdirSync(directory)) {
    const { size, mode } = statSync(join(directory, name));
    t.true(size > 0 && size < 10_500);
    t.is(mode & 0o777, 0o600);
  }
});
