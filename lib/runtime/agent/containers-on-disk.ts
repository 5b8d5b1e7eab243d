import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { containerDirectory, containerFiles, parseContainerId } from './container-directory.ts';
import { type LaunchSpec, parseLaunchSpec } from './launch-spec.ts';

/** Every container whose directory is whole: what an agent that starts has to take up. */
export function containersOnDisk(
  root: string,
  log: Log,
): readonly { readonly spec: LaunchSpec; readonly directory: string }[] {
  return namesIn(root).flatMap((podUid) =>
    namesIn(join(root, podUid, 'containers')).flatMap((name) => {
      const directory = join(root, podUid, 'containers', name);
      const spec = readSpec(directory, log);
      const run = spec === null ? null : parseContainerId(spec.id);
      if (spec === null || run === null || containerDirectory(root, run) !== directory) return [];
      return [{ spec, directory }];
    }),
  );
}

/** null: nothing was ever started there. */
export function readSpec(directory: string, log: Log): LaunchSpec | null {
  try {
    return parseLaunchSpec(JSON.parse(readFileSync(join(directory, containerFiles.spec), 'utf8')));
  } catch (thrown) {
    if (codeOf(thrown) !== 'ENOENT' && codeOf(thrown) !== 'ENOTDIR') {
      log.warn('container-unreadable', { directory, message: messageOf(thrown) });
    }
    return null;
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT' || codeOf(thrown) === 'ENOTDIR') return [];
    throw thrown;
  }
}
