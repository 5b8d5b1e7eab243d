import type { LaunchSpec } from './launch-spec.ts';

/**
 * The keeper: one `sh` per container. POSIX sh only (dash and busybox run it). It
 * - takes the lock file first: whoever else was started for this container ends here, so nothing runs twice;
 * - has handlers that do nothing rather than ignored signals, which its child would inherit;
 * - runs the container in the foreground (`&` would take INT, QUIT and stdin away), in a session of its own, so that a signal to
 *   the container's group misses the keeper;
 * - ends what is left of the group, then writes the exit code by rename: once it is there, nothing more is written to the logs.
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
setsid sh ./run
code=$?
if read -r pid rest <pid; then kill -s KILL -- "-$pid"; fi
printf '%s\\n' "$code" >exit.next && mv -f exit.next exit
`;

/**
 * The container's first shell, which becomes the program. It redirects by itself (else the keeper's shell would write "Killed"
 * into the log), and says who it is before it execs.
 * @param prefix  what changes to the container's user, execs its arguments, and is found without PATH
 */
export function runScript(
  spec: LaunchSpec,
  options: { readonly prefix: readonly string[]; readonly envProgram: string },
): string {
  const exported = spec.env.filter(([name]) => isSafeInShell(name));
  const carried = spec.env.filter(([name]) => !isSafeInShell(name));
  const makes = spec.makeDirectories;
  const argv = [
    ...(carried.length === 0
      ? []
      : [options.envProgram, ...carried.map(([name, value]) => `${name}=${value}`)]),
    ...options.prefix,
    ...(makes.length === 0 ? [] : ['/bin/sh', '-c', MAKE_DIRECTORIES, 'sh', String(makes.length), ...makes]),
    ...spec.argv,
  ];
  return [
    `exec >>stdout.log 2>>stderr.log ${spec.stdin ? '<>stdin' : '</dev/null'}`,
    'read -r stat </proc/self/stat',
    'read -r boot </proc/sys/kernel/random/boot_id',
    'set -- ${stat##*) }',
    `printf '%s %s %s\\n' "$$" "\${20}" "$boot" >pid`,
    `cd -- ${quote(spec.cwd)} || exit 126`,
    'unset stat boot PWD OLDPWD SHLVL',
    ...exported.map(([name, value]) => `export ${name}=${quote(value)}`),
    `exec ${argv.map(quote).join(' ')}`,
    '',
  ].join('\n');
}

/** Runs as the container's user: a link that the container planted leads only where that user may write anyway. */
const MAKE_DIRECTORIES =
  'n=$1; shift; while [ "$n" -gt 0 ]; do [ -d "$1" ] || mkdir -p -- "$1" || exit 126; shift; n=$((n-1)); done; unset n; exec "$@"';

/** Text as one word of sh. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Variables that some sh treats by itself: setting one could end the shell or print into the log. */
const SHELL_OWNED =
  /^(IFS|ENV|CDPATH|PS[0-9]|OPT(IND|ARG|ERR)|LINENO|PPID|E?UID|GROUPS|MAIL.*|SHELLOPTS|FUNC.*|DIRSTACK|RANDOM|SECONDS|LANG|POSIXLY_CORRECT|(LC_|BASH|HIST).*)$/;

/** Whether a shell can export the name and leaves it alone. */
function isSafeInShell(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !SHELL_OWNED.test(name);
}
