import { readFileSync } from 'node:fs';

export type MountPoint = {
  readonly path: string;
  /** The file system's kind: `tmpfs`, `cgroup`, `nsfs`. */
  readonly type: string;
  /** Of the file system, not of the mount. */
  readonly options: readonly string[];
  /** What of the file system is shown. */
  readonly root: string;
};

/** What `/proc/PID/mountinfo` says, in its order. Source: proc(5). Lines that are none are passed over. */
export function parseMountTable(text: string): readonly MountPoint[] {
  return text.split('\n').flatMap((line): readonly MountPoint[] => {
    const [before, after] = line.split(' - ');
    const [, , , root, path] = (before ?? '').split(' ');
    const [type, , options] = (after ?? '').split(' ');
    if (root === undefined || path === undefined || type === undefined) return [];
    return [{ path: plain(path), root: plain(root), type, options: (options ?? '').split(',') }];
  });
}

/** Our own. */
export function readMountTable(): readonly MountPoint[] {
  return parseMountTable(readFileSync('/proc/self/mountinfo', 'utf8'));
}

/** The mount points at `directory` and below it, the innermost first. */
export function mountsBelow(directory: string, table = readMountTable()): readonly string[] {
  return table
    .map(({ path }) => path)
    .filter((path) => path === directory || path.startsWith(`${directory}/`))
    .reverse();
}

/** Spaces and the like stand there as octal numbers. */
function plain(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
