import { type Stats, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';

/** Where a program is, or why it cannot be run (as the container runtimes of Kubernetes say it). */
export type ProgramPath =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly message: string };

/** Finds `program` as execvp(3) would for `user`: with a slash relative to `cwd`, else along `searchPath`. */
export function findProgram(options: {
  readonly program: string;
  readonly cwd: string;
  readonly searchPath: string;
  readonly user: number | null;
}): ProgramPath {
  const { program, cwd, user } = options;
  const named = JSON.stringify(program);
  const directory = statOrNull(cwd);
  if (directory === null || !directory.isDirectory()) {
    return {
      ok: false,
      message: `working directory ${JSON.stringify(cwd)}: no such directory on this machine`,
    };
  }
  if (program.includes('/')) {
    const path = resolve(cwd, program);
    const stat = statOrNull(path);
    if (stat === null) return { ok: false, message: `exec: ${named}: no such file or directory` };
    if (!isRunnable(stat, user)) return { ok: false, message: `exec: ${named}: permission denied` };
    return { ok: true, path };
  }
  let denied = false;
  for (const entry of options.searchPath.split(':')) {
    const path = isAbsolute(entry) ? join(entry, program) : resolve(cwd, entry, program);
    const stat = program === '' ? null : statOrNull(path);
    if (stat === null || !stat.isFile()) continue;
    if (isRunnable(stat, user)) return { ok: true, path };
    denied = true;
  }
  return {
    ok: false,
    message: denied
      ? `exec: ${named}: permission denied`
      : `exec: ${named}: executable file not found in $PATH`,
  };
}

function isRunnable(stat: Stats, user: number | null): boolean {
  if (!stat.isFile()) return false;
  const uid = user ?? process.getuid?.() ?? 0;
  if (uid === 0) return (stat.mode & 0o111) !== 0;
  if (uid === stat.uid) return (stat.mode & 0o100) !== 0;
  const groups = user === null ? (process.getgroups?.() ?? []) : [user];
  return (stat.mode & (groups.includes(stat.gid) ? 0o010 : 0o001)) !== 0;
}

function statOrNull(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}
