import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { systemRandom } from '../base/random.ts';
import { type ImageStore, type ImageStoreOptions, imageStore } from '../runtime/image/image-store.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** An open store in a directory of the test's own, which speaks plain http to the registries named. */
export async function openImageStore(
  t: { teardown(run: () => Promise<void>): void },
  options: Partial<Omit<ImageStoreOptions, 'settings'>> & {
    readonly insecure?: readonly string[];
    readonly settings?: Partial<ImageStoreOptions['settings']>;
  } = {},
): Promise<{ readonly store: ImageStore; readonly directory: string; again(): ImageStore }> {
  const { insecure = [], settings, ...rest } = options;
  const directory = rest.directory ?? join(await temporaryDirectory(t), 'images');
  const make = (): ImageStore =>
    imageStore({
      ...{ clock: systemClock({ keepAlive: false }), random: systemRandom(), log: silentLog() },
      ...rest,
      directory,
      settings: { registries: { mirrors: [], insecure }, dockerConfigPath: null, ...settings },
    });
  const store = make();
  await store.open();
  t.teardown(() => store.close());
  return { store, directory, again: make };
}
