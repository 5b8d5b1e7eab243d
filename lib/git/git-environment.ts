/** What a git process may see of ours: where programs are, where to write, and how to reach the network. */
const PASSED = [
  'PATH',
  'TMPDIR',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
  'http_proxy',
  'https_proxy',
  'HTTPS_PROXY',
  'all_proxy',
  'ALL_PROXY',
  'no_proxy',
  'NO_PROXY',
] as const;

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment of every git process: no configuration but the repository's own, no prompts, no home
 * (curl would read ~/.netrc), English messages, and no transport unless `network`.
 */
export function gitEnvironment(
  environment: Environment,
  options: { readonly network: boolean; readonly authorization?: string | null },
): Record<string, string> {
  const own: Record<string, string> = {};
  for (const name of PASSED) {
    const value = environment[name];
    if (value !== undefined) own[name] = value;
  }
  return {
    ...own,
    ...authorizationConfig(options.authorization ?? null),
    HOME: '/nonexistent',
    XDG_CONFIG_HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '/bin/false',
    SSH_ASKPASS: '/bin/false',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_LITERAL_PATHSPECS: '1',
    // Overrides protocol.allow; local reads need none, and get none (a promisor remote could name any).
    GIT_ALLOW_PROTOCOL: options.network ? 'http:https' : 'none',
    // Only reflogs show these: commits are written with their author's.
    GIT_COMMITTER_NAME: 'pintle',
    GIT_COMMITTER_EMAIL: 'pintle@localhost',
  };
}

/** Through the environment: arguments are readable by every user of the machine. */
function authorizationConfig(authorization: string | null): Record<string, string> {
  if (authorization === null) return {};
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: `Authorization: ${authorization}`,
  };
}

/** Configuration that must not come from the repository. */
const FORCED: readonly (readonly [string, string])[] = [
  ['safe.directory', '*'],
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.alternateRefsCommand', ''],
  ['commit.gpgSign', 'false'],
  ['tag.gpgSign', 'false'],
  ['push.gpgSign', 'false'],
  ['credential.helper', ''],
  ['submodule.recurse', 'false'],
  ['fetch.recurseSubmodules', 'false'],
  ['fetch.writeCommitGraph', 'false'],
  ['push.recurseSubmodules', 'no'],
  ['push.followTags', 'false'],
  ['gc.autoDetach', 'false'],
  ['maintenance.autoDetach', 'false'],
  ['core.askPass', '/bin/false'],
  ['core.quotePath', 'false'],
  ['advice.objectNameWarning', 'false'],
];

/** Arguments every git command begins with. */
export function gitArguments(options: {
  readonly gitDirectory: string;
  readonly authorized: boolean;
}): readonly string[] {
  const forced = FORCED.flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  // After a redirect git would send our header to whoever was named, so there is no redirect with credentials.
  const redirects = ['-c', `http.followRedirects=${options.authorized ? 'false' : 'initial'}`];
  const stall = ['-c', 'http.lowSpeedLimit=1', '-c', 'http.lowSpeedTime=60'];
  return [...forced, ...redirects, ...stall, '--no-pager', `--git-dir=${options.gitDirectory}`];
}
