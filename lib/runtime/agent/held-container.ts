import type { ChildProcess } from 'node:child_process';
import { type FSWatcher, watch } from 'node:fs';
import type { JsonObject } from '../../base/json.ts';
import type { ContainerState } from '../driver.ts';
import { cgroupFreezer } from './cgroup-freezer.ts';
import { readVerdict, type Verdict } from './container-state.ts';
import { groupFreezer } from './group-freezer.ts';
import type { LaunchSpec } from './launch-spec.ts';
import type { Freezer } from './log-rotation.ts';
import { type LogTender, tendLogs } from './log-tender.ts';

/** One container as the agent knows it; all of it but `keeper` can be read from its directory again. */
export type HeldContainer = {
  readonly spec: LaunchSpec;
  readonly directory: string;
  verdict: Verdict;
  readonly tender: LogTender;
  /** null: the kernel would not watch one more directory; the tick looks instead. */
  watcher: FSWatcher | null;
  /** The keeper, when this very process spawned it. */
  keeper: ChildProcess | null;
  /** Of its terminal; null until it is told a size. */
  resize: ((size: JsonObject) => void) | null;
  /** Called, then forgotten, when the verdict changes. */
  waiting: (() => void)[];
};

/** Takes up a container's directory. `onHint` is called with the name of a file that changed in it. */
export function holdContainer(
  spec: LaunchSpec,
  directory: string,
  onHint: (file: string) => void,
): HeldContainer {
  const verdict = readVerdict(directory);
  const watcher = verdict.kind === 'settled' ? null : watchDirectory(directory, onHint);
  return {
    spec,
    directory,
    verdict,
    tender: tendLogs(directory, freezerOf(spec, verdict)),
    watcher,
    keeper: null,
    resize: null,
    waiting: [],
  };
}

/** Of whoever writes the logs of a container that runs. */
export function freezerOf(spec: LaunchSpec, verdict: Verdict): Freezer | null {
  const group = groupOf(verdict);
  if (group === null) return null;
  const freezer = spec.isolated?.freezer ?? null;
  return freezer === null ? groupFreezer(group) : cgroupFreezer(freezer);
}

/** The process group of a container that runs, or of its launcher. */
export function groupOf(verdict: Verdict): number | null {
  return verdict.kind === 'running' ? verdict.container.pid : null;
}

/** What is told outside; null while nothing has started. */
export function stateOf(verdict: Verdict): ContainerState | null {
  return verdict.kind === 'running' || verdict.kind === 'settled' ? verdict.state : null;
}

function watchDirectory(directory: string, onHint: (file: string) => void): FSWatcher | null {
  try {
    const watcher = watch(directory, (_event, file) => onHint(file ?? ''));
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    // ENOSPC: fs.inotify.max_user_watches.
    return null;
  }
}
