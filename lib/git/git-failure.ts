import { WorldError } from '../base/errors.ts';

export type GitFailureCode =
  | 'REMOTE_DOWN'
  | 'AUTH_REFUSED'
  | 'PUSH_REJECTED'
  | 'REPOSITORY_MISSING'
  | 'GIT_FAILED';

/** First match wins. The messages are git's and curl's in the C locale; they have been stable for a decade. */
const SIGNS: readonly { readonly pattern: RegExp; readonly code: GitFailureCode }[] = [
  {
    pattern:
      /Authentication failed|could not read (?:Username|Password)|returned error: 40[13]\b|HTTP 40[13]\b|terminal prompts disabled|unable to read askpass/i,
    code: 'AUTH_REFUSED',
  },
  { pattern: /repository '[^']*' not found|returned error: (?:404|410)\b/i, code: 'REPOSITORY_MISSING' },
  {
    pattern:
      /not valid: is this a git repository|not a git repository|does not appear to be a git repository/i,
    code: 'REPOSITORY_MISSING',
  },
  {
    pattern:
      /Could not resolve host|Failed to connect|Couldn't connect|Connection (?:refused|reset|timed out)|unable to access|RPC failed|early EOF|remote end hung up|returned error: 5\d\d|Operation timed out|transfer closed|Empty reply|unexpected disconnect|invalid server response|bad line length|protocol error/i,
    code: 'REMOTE_DOWN',
  },
];

/** A failed git command as an error, classified by what git said. `said` has no secrets in it. */
export function gitFailure(input: {
  readonly what: string;
  readonly said: string;
  readonly location: string;
  /** For data.reason. */
  readonly reason?: string;
}): WorldError {
  const redirected = /returned error: 30\d\b/.test(input.said);
  const code = redirected
    ? 'GIT_FAILED'
    : (SIGNS.find((sign) => sign.pattern.test(input.said))?.code ?? 'GIT_FAILED');
  const hint = redirected
    ? ' (the address redirects: credentials are not sent along, use the final address)'
    : '';
  return new WorldError(code, `${input.what} ${input.location}: ${summary(input.said)}${hint}`, {
    location: input.location,
    reason: input.reason,
  });
}

/** The lines that say what is wrong, without git's hints. */
function summary(said: string): string {
  const lines = said
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('hint:'));
  const worst = lines.filter((line) => /^(?:fatal|error|remote):/.test(line));
  return (worst.length > 0 ? worst : lines).slice(-4).join('; ').slice(0, 1000) || 'no message';
}
