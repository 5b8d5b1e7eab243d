import { limits } from '../../base/limits.ts';
import { type Becoming, type Entering, quote } from './entering.ts';

/**
 * The keeper: one `sh` per container. POSIX sh only (dash and busybox run it). It
 * - takes the lock file first: whoever else was started for this container ends here, so nothing runs twice;
 * - has handlers that do nothing rather than ignored signals, which its child would inherit;
 * - runs the container in the foreground (`&` would take INT, QUIT and stdin away), in a session of its own, so that a signal to
 *   the container's group misses the keeper;
 * - where stdin is to end with its first client, has a child that holds it open until it is told (a line in `hold`);
 * - ends what is left of the group, and of the control groups where there are some (`after`), then writes the exit code by rename: once it is there, nothing more is written to the logs.
 * CRASH: a keeper that dies leaves a container whose exit code nobody sees; the agent watches its process instead.
 */
export const KEEPER_SCRIPT = `trap : HUP INT QUIT TERM USR1 USR2 PIPE ALRM
cd "$1" || exit 1
read -r stat </proc/self/stat
read -r boot </proc/sys/kernel/random/boot_id
set -- \${stat##*) }
set -C
printf '%s %s %s\\n' "$$" "\${20}" "$boot" >lock || exit 0
set +C
if [ -p hold ]; then { read -r line <hold; } 9<>stdin & holder=$!; fi
setsid sh ./run
code=$?
if read -r pid rest <pid; then kill -s KILL -- "-$pid"; fi
if [ -p hold ]; then kill "$holder"; fi
if [ -f after ]; then sh ./after "$code"; fi
printf '%s\\n' "$code" >exit.next && mv -f exit.next exit
`;

/**
 * What a pod's user gets of the machine: processes enough for any program and too few to leave others none, and to be the first to go
 * when memory runs out. Every sh spells the first one its own way.
 */
const BOUNDS = [
  `ulimit -u ${limits.podProcessesMax} 2>/dev/null || ulimit -p ${limits.podProcessesMax} 2>/dev/null || :`,
  'printf 500 2>/dev/null >/proc/self/oom_score_adj || :',
];

const STDIN = { none: '</dev/null', open: '<>stdin', once: '<stdin' } as const;

/**
 * The container's first shell, still as the agent's user and with the agent's environment. It redirects by itself (else the keeper's
 * shell would write "Killed" into the log), and says who it is before it changes the user and becomes what `entering` says.
 */
export function runScript(options: {
  /** `open`: for as long as it runs; `once`: read only, so that it ends when nobody holds it open any more. */
  readonly stdin: 'none' | 'open' | 'once';
  /** Whether the pod has a user of its own, to which bounds apply. */
  readonly bounded: boolean;
  readonly entering: Entering | Becoming;
  /** The file that holds what is read from descriptor 3. */
  readonly inputPath: string;
  readonly nodePath: string;
}): string {
  return [
    `exec >>stdout.log 2>>stderr.log ${STDIN[options.stdin]}`,
    'read -r stat </proc/self/stat',
    'read -r boot </proc/sys/kernel/random/boot_id',
    'set -- ${stat##*) }',
    `printf '%s %s %s\\n' "$$" "\${20}" "$boot" >pid`,
    // Nothing here may be the manifest's choice: under root it would be root's.
    'cd /',
    'unset stat boot PWD OLDPWD SHLVL',
    ...(options.bounded ? BOUNDS : []),
    ...become(options),
    '',
  ].join('\n');
}

function become({ entering, inputPath, nodePath }: Parameters<typeof runScript>[0]): readonly string[] {
  const exec = `exec ${entering.argv.map(quote).join(' ')}`;
  if ('env' in entering)
    return [...entering.env.map(([name, value]) => `export ${name}=${quote(value)}`), exec];
  return [`${exec} 3<${quote(inputPath)}${entering.needsNode ? ` 4<${quote(nodePath)}` : ''}`];
}
