import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Cleanup = { teardown(run: () => Promise<void>): void };

/** A new empty directory, gone when the test ends. */
export async function temporaryDirectory(t: Cleanup): Promise<string> {
  const path = await mkdtemp(join(await realpath(tmpdir()), 'pintle-test-'));
  t.teardown(() => rm(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}
