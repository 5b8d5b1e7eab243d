import { isObject, type JsonValue } from '../../base/json.ts';

/**
 * A container in namespaces of its own. The spec's argv is its launcher (crun, runc, or a chain of util-linux) in a mount namespace
 * that nobody else has: it stays until the container has ended, and what is mounted there goes with it. It writes the id of the
 * container's first process to `init` in the container's directory once that is about to run.
 */
export type Isolated = {
  /** How a command comes into the container. */
  readonly exec: IsolatedExec;
  /** Directories of the container's control groups, children before their parents: all in them is killed at its end. */
  readonly groups: readonly string[];
  /** The file whose line `oom_kill N` counts who was killed for want of memory; null: nobody counts. */
  readonly oomFile: string | null;
  /** Freezes whoever writes the logs; null: the launcher's process group does. */
  readonly freezer: { readonly path: string; readonly version: 1 | 2 } | null;
  /** What the launcher keeps of the container, to be removed with it; null: nothing. */
  readonly stateDirectory: string | null;
};

export type IsolatedExec =
  /** An OCI runtime: `argv` and `exec`; `process` is the container's own, for which the command stands in. */
  | {
      readonly kind: 'oci';
      readonly argv: readonly string[];
      readonly container: string;
      readonly process: JsonValue;
      /** cgroup.procs files that who executes it joins: what the runtime was not shown. */
      readonly join: readonly string[];
    }
  /** A file for sh that is given the container's first process as $1, and behind it the command. Nobody else reads it: it holds secrets. */
  | { readonly kind: 'script'; readonly path: string };

const isText = (value: JsonValue | undefined): value is string => typeof value === 'string';
const isTexts = (value: JsonValue | undefined): value is readonly string[] =>
  Array.isArray(value) && value.every(isText);

/** Reads it from a message or a file; null when it is not one. */
export function parseIsolated(value: JsonValue | undefined): Isolated | null {
  if (!isObject(value)) return null;
  const { groups, oomFile, stateDirectory } = value;
  const exec = parseExec(value.exec);
  const freezer = parseFreezer(value.freezer);
  if (!isTexts(groups) || exec === null || freezer === undefined) return null;
  if (!isTextOrNull(oomFile) || !isTextOrNull(stateDirectory)) return null;
  return { exec, groups, oomFile, freezer, stateDirectory };
}

function parseExec(value: JsonValue | undefined): IsolatedExec | null {
  if (!isObject(value)) return null;
  if (value.kind === 'script') return isText(value.path) ? { kind: 'script', path: value.path } : null;
  const { kind, argv, container, process, join } = value;
  if (kind !== 'oci' || !isTexts(argv) || !isText(container) || !isTexts(join) || !isObject(process))
    return null;
  return { kind, argv, container, process, join };
}

function parseFreezer(value: JsonValue | undefined): Isolated['freezer'] | undefined {
  if (value === null) return null;
  if (!isObject(value) || !isText(value.path)) return undefined;
  const { path, version } = value;
  return version === 1 || version === 2 ? { path, version } : undefined;
}

function isTextOrNull(value: JsonValue | undefined): value is string | null {
  return value === null || isText(value);
}
