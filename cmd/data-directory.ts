import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import type { CommandIo } from './command-io.ts';

/**
 * Where a daemon keeps its state, and how every other command finds it: `--data`, else PINTLE_DATA, else /var/lib/pintle for
 * root and `$XDG_STATE_HOME/pintle` (`~/.local/state/pintle`) for others.
 */
export function dataDirectory(option: string | undefined, io: CommandIo): string {
  const named = option ?? io.env.PINTLE_DATA;
  if (named !== undefined && named !== '') return resolve(io.cwd, named);
  if (process.getuid?.() === 0) return '/var/lib/pintle';
  const state = io.env.XDG_STATE_HOME;
  if (state !== undefined && isAbsolute(state)) return join(state, 'pintle');
  return join(io.env.HOME ?? homedir(), '.local', 'state', 'pintle');
}
