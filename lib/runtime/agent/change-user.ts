import { spawnSync } from 'node:child_process';
import { findProgram } from './program-path.ts';

/**
 * What to put before a command so that setpriv (util-linux) runs it as `user`: its own group, no others, no capabilities, and nothing
 * it runs can gain privileges.
 */
export function changeUserPrefix(user: number, tool: Pick<ChangeUserTool, 'path'>): readonly string[] {
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

/** Where setpriv cannot do it (busybox has one) our Node does, without a bar on gaining privileges. */
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
