import { spawnSync } from 'node:child_process';
import { findProgram } from './program-path.ts';

/**
 * What to put before a command so that it runs as `user`: its own group, no others, no capabilities, and nothing it runs can gain
 * privileges. setpriv (util-linux) where it can do it; busybox has one that cannot, then our Node does it (no bar on gaining).
 */
export function changeUserPrefix(user: number | null, tool: ChangeUserTool): readonly string[] {
  if (user === null) return [];
  if (tool.kind === 'setpriv') {
    const id = String(user);
    return [
      tool.path,
      `--reuid=${id}`,
      `--regid=${id}`,
      '--clear-groups',
      '--no-new-privs',
      '--inh-caps=-all',
      '--bounding-set=-all',
      '--',
    ];
  }
  return [tool.path, '--no-warnings', '-e', NODE_CHANGES_USER, '--', String(user)];
}

export type ChangeUserTool = { readonly kind: 'setpriv' | 'node'; readonly path: string };

/** Finds the tool once, by trying it. */
export function findChangeUserTool(searchPath: string): ChangeUserTool {
  const node: ChangeUserTool = { kind: 'node', path: process.execPath };
  const found = findProgram({ program: 'setpriv', cwd: '/', searchPath, user: null });
  if (!found.ok) return node;
  const tool: ChangeUserTool = { kind: 'setpriv', path: found.path };
  const own = process.getuid?.() ?? 0;
  if (own !== 0) return tool;
  const [command = '', ...rest] = changeUserPrefix(65534, tool);
  const tried = spawnSync(command, [...rest, '/bin/sh', '-c', ':'], { stdio: 'ignore', timeout: 5_000 });
  return tried.status === 0 ? tool : node;
}

const NODE_CHANGES_USER = `
const [user, program, ...args] = process.argv.slice(1);
process.setgroups([]);
process.setgid(Number(user));
process.setuid(Number(user));
process.execve(program, [program, ...args], process.env);
`;
