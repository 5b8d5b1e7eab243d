import { parseArgs } from 'node:util';
import { systemClock } from '../../base/clock.ts';
import { companionPaths } from '../../base/companion/companion-paths.ts';
import { closeInheritedDescriptors } from '../../base/companion/inherited-descriptors.ts';
import { takeInstanceLock } from '../../base/companion/instance-lock.ts';
import { jsonLog } from '../../base/log.ts';
import { runAgent } from './agent.ts';

/** The agent process: `--data <data directory> --root <pods' directory>`. Whatever ends it, containers run on and the next one takes them up. */
export async function agentMain(args: readonly string[]): Promise<void> {
  closeInheritedDescriptors();
  const { values } = parseArgs({
    args: [...args],
    options: { data: { type: 'string' }, root: { type: 'string' } },
  });
  const clock = systemClock();
  const log = jsonLog({ clock, level: 'info', write: (line) => process.stderr.write(`${line}\n`) });
  const paths = companionPaths({ dataDirectory: values.data ?? '.', name: 'agent' });
  const lock = takeInstanceLock(paths.directory);
  if (!lock.taken) return;
  const agent = await runAgent({ paths, root: values.root ?? '.', clock, log });
  await agent.left;
  process.exit(0);
}

// In the bundle a module's URL is that of the chunk it is in.
if (import.meta.main && import.meta.url.endsWith('/agent/main.ts')) await agentMain(process.argv.slice(2));
