import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { build } from 'esbuild';
import { temporaryDirectory } from '../testing/temporary-directory.ts';

const room = fileURLToPath(new URL('.', import.meta.url));

test('the store runs from a bundle: its thread is the bundle again', async (t) => {
  const directory = await temporaryDirectory(t);
  const outfile = join(directory, 'pintle.mjs');
  const contents = `
    import { chosenEntryPoint } from '../base/entry-points.ts';
    import { sqliteStore } from './sqlite-store.ts';
    if (chosenEntryPoint(process.argv) === 'store-worker') await import('./store-worker.ts');
    else {
      const store = await sqliteStore({ directory: process.argv[2] });
      await store.append([{ key: '/a', value: new Uint8Array(3) }]);
      console.log(store.read('/a').value.byteLength);
      await store.close();
    }`;
  await build({
    stdin: { contents, resolveDir: room, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
  });
  const { stdout } = await promisify(execFile)(process.execPath, [outfile, join(directory, 'data')]);
  t.is(stdout.trim(), '3');
});
