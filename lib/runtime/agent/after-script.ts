import { spawnSync } from 'node:child_process';
import { limits, timings } from '../../base/limits.ts';
import { containerFiles } from './container-directory.ts';
import { quote } from './entering.ts';
import type { Isolated } from './isolated.ts';
import type { LaunchTools } from './launch.ts';
import type { LaunchSpec } from './launch-spec.ts';

/**
 * What is done once an isolated container's launcher has ended, whichever way, in the container's directory: notes whether memory was
 * the reason, kills what is left in its control groups, removes them and what the launcher kept. A launcher that never got to the
 * program failed: its last words say why, and they are no log of the container. May be repeated.
 */
export function afterScript({ groups, oomFile, freezer, stateDirectory }: Isolated): string {
  const counted =
    oomFile === null
      ? []
      : [
          `if [ -r ${quote(oomFile)} ]; then while read -r key value; do`,
          `  if [ "$key" = oom_kill ] && [ "$value" != 0 ]; then : >oom; fi`,
          `done <${quote(oomFile)}; fi`,
        ];
  const thaw =
    freezer?.version === 1
      ? [
          `[ ! -f ${quote(`${freezer.path}/freezer.state`)} ] || echo THAWED >${quote(`${freezer.path}/freezer.state`)}`,
        ]
      : [];
  const all = groups.map(quote).join(' ');
  return [
    'exec 2>/dev/null',
    ...counted,
    `if ! [ -s init ] && ! [ -f failed ]; then`,
    `  words=$(cat stderr.log stdout.log | tr -d '\\r' | tail -n 1 | tail -c ${limits.launcherWordsMax})`,
    // The kernel kills launchers too, which then say nothing of it.
    `  if [ -e oom ]; then words="the memory limit is too low for the container to start\${words:+ ($words)}"; fi`,
    `  printf '%s\\n' "$words" >failed.next`,
    '  : >stderr.log; : >stdout.log',
    'fi',
    ...thaw,
    'round=0',
    `while [ "$round" -lt ${limits.sweepRoundsMax} ]; do`,
    '  left=',
    `  for group in ${all}; do`,
    '    [ -d "$group" ] || continue',
    '    if [ -f "$group/cgroup.kill" ]; then echo 1 >"$group/cgroup.kill"; fi',
    '    while read -r pid; do left=1; kill -s KILL "$pid"; done <"$group/cgroup.procs"',
    '    rmdir "$group" || left=1',
    '  done',
    '  [ -n "$left" ] || break',
    '  round=$((round + 1))',
    '  sleep 0.01',
    'done',
    ...(stateDirectory === null ? [] : [`rm -rf -- ${quote(stateDirectory)}`]),
    'if [ -f failed.next ]; then mv -f failed.next failed; fi',
    '',
  ].join('\n');
}

/** Where no keeper is left to do it. CRASH: done again by the next agent. */
export function runAfter(
  spec: LaunchSpec,
  directory: string,
  { shell, searchPath }: Pick<LaunchTools, 'shell' | 'searchPath'>,
): void {
  if (spec.isolated === undefined) return;
  spawnSync(shell, [`./${containerFiles.after}`], {
    cwd: directory,
    env: { PATH: searchPath },
    stdio: 'ignore',
    timeout: timings.containerKillMs,
  });
}
