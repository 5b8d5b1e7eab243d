import { quote } from './entering.ts';
import type { LaunchTools } from './launch.ts';
import type { LaunchSpec } from './launch-spec.ts';
import { findProgram } from './program-path.ts';

/** script(1) runs what it is given with the shell of its environment. */
const ENVIRONMENT: LaunchSpec['env'] = [
  ['TERM', 'xterm'],
  ['SHELL', '/bin/sh'],
];

/** A resolved spec at a terminal of its own, made by script(1), which ends with the program's exit code; or why there is none. */
export function terminalLaunch(
  spec: LaunchSpec,
  { searchPath }: Pick<LaunchTools, 'searchPath'>,
): { readonly ok: true; readonly spec: LaunchSpec } | { readonly ok: false; readonly message: string } {
  const script = findProgram({ program: 'script', cwd: '/', searchPath, user: null });
  if (!script.ok) return { ok: false, message: 'no terminal on this machine: it has no script(1)' };
  // Its shell makes place for the program: a signal to the group would end the shell before the program has had its say.
  const argv = [script.path, '-qefc', `exec ${spec.argv.map(quote).join(' ')}`, '/dev/null'];
  const env = [...spec.env.filter(([name]) => !ENVIRONMENT.some(([own]) => own === name)), ...ENVIRONMENT];
  return { ok: true, spec: { ...spec, argv, env } };
}
