import { join } from 'node:path';

/**
 * The files of one container, all in its own directory (mode 0700), written by the agent, the keeper and the container's first
 * shell. They are the whole truth: an agent that starts anew finds everything here.
 */
export const containerFiles = {
  /** The LaunchSpec, JSON. Written before anything is started. */
  spec: 'spec.json',
  /** What the keeper runs: changes the user. */
  run: 'run',
  /** What the container's user runs then: sets the environment up and becomes the program. The user's, mode 0400. */
  enter: 'enter',
  /** The keeper's identity; made with noclobber, so one keeper only ever gets past it. */
  lock: 'lock',
  /** The container's identity, written by its first shell before it becomes the program. Its mtime is the start. */
  pid: 'pid',
  /** The exit code, or `?` when nobody saw it. Its mtime is the end. */
  exit: 'exit',
  /** Why the program could not be started. */
  failed: 'failed',
  /** Named pipe, for containers with `stdin: true`. */
  stdin: 'stdin',
  /** Named pipe, where stdin ends with its first client: a line in it lets go of stdin. It is removed then. */
  hold: 'hold',
  /** Of an isolated container: there from the beginning. It runs once `init` is there too. */
  awaits: 'awaits',
  /** The id of its first process, as the machine sees it, written by its launcher. Its mtime is the start. */
  init: 'init',
  /** What the keeper does when the launcher has ended, before it tells the exit code; the agent where there is no keeper. */
  after: 'after',
  /** There while its node is stopped: it is held still, and stays so. */
  frozen: 'frozen',
  /** There when a process of it was killed for want of memory. */
  oom: 'oom',
} as const;

export const streams = ['stdout', 'stderr'] as const;
export type Stream = (typeof streams)[number];

/** `<root>/<podUid>/containers/<container>.<attempt>`. */
export function containerDirectory(
  root: string,
  run: { readonly podUid: string; readonly container: string; readonly attempt: number },
): string {
  return join(root, run.podUid, 'containers', `${run.container}.${run.attempt}`);
}

const ID = /^([A-Za-z0-9][A-Za-z0-9_-]{0,63})\.([a-z0-9][a-z0-9-]{0,62})\.(0|[1-9]\d{0,8})$/;

/** Splits a container id; null when it is not one. What passes is safe as a path. */
export function parseContainerId(
  id: string,
): { readonly podUid: string; readonly container: string; readonly attempt: number } | null {
  const match = ID.exec(id);
  if (match === null) return null;
  return { podUid: match[1] ?? '', container: match[2] ?? '', attempt: Number(match[3]) };
}
