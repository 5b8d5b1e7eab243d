import { type ChangeUserTool, changeUserPrefix } from './change-user.ts';
import type { LaunchSpec } from './launch-spec.ts';
import { MARKER } from './marker.ts';

/**
 * How a process becomes the container's user and its program: nothing that the manifest chose (the environment, the
 * working directory, directories to make) takes effect before the change of user. LD_PRELOAD would be run by root otherwise.
 */
export type Entering = {
  /** What to run. */
  readonly argv: readonly string[];
  /** What it reads from descriptor 3; the container's user must be able to open it, and nobody else, for it holds secrets. */
  readonly input: string;
  /** Whether descriptor 4 has to be our Node's program file: it may lie where the container's user cannot get to. */
  readonly needsNode: boolean;
};

/** A container's launcher: nothing of it is the manifest's choice, so the container's first shell becomes it. */
export type Becoming = { readonly argv: readonly string[]; readonly env: LaunchSpec['env'] };

/** sh where every variable has a name that sh can export; Node, some 40 ms slower, where one has not, and where it changes the user. */
export function entering(
  given: LaunchSpec,
  { envProgram, changeUser }: { readonly envProgram: string; readonly changeUser: ChangeUserTool },
): Entering {
  // By it its processes are found again: it is inherited from us.
  const spec = { ...given, env: given.env.filter(([name]) => name !== MARKER) };
  const { user, cwd, makeDirectories, env, argv } = spec;
  const input = JSON.stringify({ user, cwd, makeDirectories, env, argv });
  const node = ['--no-warnings', '-e', NODE_ENTERS];
  if (user !== null && changeUser.kind === 'node')
    return { argv: [changeUser.path, ...node, CHANGES_USER], input, needsNode: false };
  const prefix = user === null ? [] : changeUserPrefix(user, changeUser);
  if (!env.every(([name]) => IDENTIFIER.test(name)))
    return { argv: [...prefix, '/proc/self/fd/4', ...node], input, needsNode: true };
  const script = enterScript(spec, envProgram);
  return { argv: [...prefix, '/bin/sh', '/proc/self/fd/3'], input: script, needsNode: false };
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Variables that some sh treats by itself: setting one could end the shell or print into the log. */
export const SHELL_OWNED =
  /^(IFS|ENV|CDPATH|PS[0-9]|OPT(IND|ARG|ERR)|LINENO|PPID|E?UID|GROUPS|MAIL(CHECK|PATH)?|SHELLOPTS|FUNC(NAME|NEST)|DIRSTACK|RANDOM|SECONDS|LANG|POSIXLY_CORRECT|HIST(FILE|FILESIZE|SIZE|CONTROL|IGNORE|TIMEFORMAT|CMD)|BASH(OPTS|PID|_[A-Z]+)?|LC_[A-Z]+)$/;

/** Arguments are for every user of the machine to read: only variables of sh's own, which hold no secrets, go through env(1). */
function enterScript(spec: LaunchSpec, envProgram: string): string {
  const carried = spec.env.filter(([name]) => SHELL_OWNED.test(name));
  const argv = [
    ...(carried.length === 0 ? [] : [envProgram, ...carried.map(([name, value]) => `${name}=${value}`)]),
    ...spec.argv,
  ];
  return [
    'exec 3<&-',
    ...spec.makeDirectories.map((path) => `[ -d ${quote(path)} ] || mkdir -p -- ${quote(path)} || exit 126`),
    `cd -- ${quote(spec.cwd)} || exit 126`,
    'unset PWD OLDPWD SHLVL',
    ...spec.env.flatMap(([name, value]) =>
      SHELL_OWNED.test(name) ? [] : [`export ${name}=${quote(value)}`],
    ),
    `exec ${argv.map(quote).join(' ')}`,
    '',
  ].join('\n');
}

/** Text as one word of sh. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

const CHANGES_USER = 'change-user';

/** What Node was started with it does not hand on by itself. */
const NODE_ENTERS = `
const { readFileSync, mkdirSync, existsSync } = require('node:fs');
const { user, cwd, makeDirectories, env, argv } = JSON.parse(readFileSync(3, 'utf8'));
if (process.argv[1] === '${CHANGES_USER}') {
  process.setgroups([]);
  process.setgid(user);
  process.setuid(user);
}
try {
  for (const path of makeDirectories) if (!existsSync(path)) mkdirSync(path, { recursive: true });
  process.chdir(cwd);
} catch (error) {
  process.stderr.write(error.message + '\\n');
  process.exit(126);
}
const { ${MARKER}: marker } = process.env;
process.execve(argv[0], argv, { ...Object.fromEntries(env), ${MARKER}: marker });
`;
