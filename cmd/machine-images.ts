import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../lib/base/clock.ts';
import type { Log } from '../lib/base/log.ts';
import type { Random } from '../lib/base/random.ts';
import { type ImageStore, imageStore } from '../lib/runtime/image/image-store.ts';
import type { RegistryOptions } from '../lib/runtime/image/registry/registry-options.ts';

/** The images of a data directory, not open yet; with the logins of whoever runs this (`~/.docker/config.json`, or where DOCKER_CONFIG says). */
export function machineImages(options: {
  readonly dataDirectory: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly registries: RegistryOptions;
  readonly inUse?: () => Promise<ReadonlySet<string>>;
}): ImageStore {
  const { dataDirectory, registries, ...rest } = options;
  const dockerConfigPath = join(process.env.DOCKER_CONFIG ?? join(homedir(), '.docker'), 'config.json');
  return imageStore({
    ...rest,
    directory: join(dataDirectory, 'images'),
    settings: { registries, dockerConfigPath },
  });
}
