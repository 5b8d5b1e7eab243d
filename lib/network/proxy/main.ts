import { parseArgs } from 'node:util';
import { systemClock } from '../../base/clock.ts';
import { companionPaths } from '../../base/companion/companion-paths.ts';
import { closeInheritedDescriptors } from '../../base/companion/inherited-descriptors.ts';
import { takeInstanceLock } from '../../base/companion/instance-lock.ts';
import { jsonLog } from '../../base/log.ts';
import { systemRandom } from '../../base/random.ts';
import { runProxy } from './run-proxy.ts';

/** The Service proxy's process: `--data <data directory>`. It outlives the daemon, as the pods it leads to do. */
export async function proxyMain(args: readonly string[]): Promise<void> {
  closeInheritedDescriptors();
  const { values } = parseArgs({ args: [...args], options: { data: { type: 'string' } } });
  const clock = systemClock();
  const log = jsonLog({ clock, level: 'info', write: (line) => process.stderr.write(`${line}\n`) });
  const paths = companionPaths({ dataDirectory: values.data ?? '.', name: 'proxy' });
  if (!takeInstanceLock(paths.directory).taken) return;
  const proxy = await runProxy({ paths, clock, random: systemRandom(), log });
  await proxy.left;
  process.exit(0);
}

// In the bundle a module's URL is that of the chunk it is in.
if (import.meta.main && import.meta.url.endsWith('/proxy/main.ts')) await proxyMain(process.argv.slice(2));
