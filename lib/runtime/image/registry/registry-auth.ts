import { isObject, type JsonObject, type JsonValue } from '../../../base/json.ts';
import { limits } from '../../../base/limits.ts';

/** How to prove to a registry who asks. `none`: as anybody. */
export type RegistryLogin =
  | { readonly kind: 'none' }
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** Exchanged for an access token where the registry's challenge says. */
  | { readonly kind: 'identity-token'; readonly token: string }
  /** Sent as it is. */
  | { readonly kind: 'registry-token'; readonly token: string };

type Entry = { readonly key: string; readonly login: RegistryLogin };

/**
 * The logins that docker configurations (`{"auths": …}`, as texts) have for a repository, the most specific key first. Keys are hosts,
 * with port, path prefix and `*` within a part of the host where they have any. What cannot be read is passed over: another may do.
 * Source: Kubernetes, "Images", interpretation of config.json.
 */
export function loginsFor(
  configs: readonly string[],
  { registry, repository }: { readonly registry: string; readonly repository: string },
): readonly RegistryLogin[] {
  const hosts =
    registry === 'docker.io' ? ['docker.io', 'index.docker.io', 'registry-1.docker.io'] : [registry];
  return configs
    .flatMap(entriesOf)
    .filter(({ key }) => hosts.some((host) => matches(key, host, repository)))
    .sort((a, b) => (a.key < b.key ? 1 : a.key > b.key ? -1 : 0))
    .slice(0, limits.registryCredentialsMax)
    .map(({ login }) => login);
}

function entriesOf(config: string): readonly Entry[] {
  if (config.length > limits.dockerConfigBytesMax) return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(config);
  } catch {
    return [];
  }
  const auths = isObject(parsed) ? parsed.auths : undefined;
  if (!isObject(auths)) return [];
  return Object.entries(auths).flatMap(([key, value]) => {
    const login = isObject(value) ? loginOf(value) : null;
    return login === null ? [] : [{ key: normalisedKey(key), login }];
  });
}

function loginOf(entry: JsonObject): RegistryLogin | null {
  const identity = text(entry.identitytoken);
  if (identity !== '') return { kind: 'identity-token', token: identity };
  const token = text(entry.registrytoken);
  if (token !== '') return { kind: 'registry-token', token };
  const decoded = Buffer.from(text(entry.auth), 'base64').toString('utf8').replace(/\0+$/, '');
  const colon = decoded.indexOf(':');
  const username = colon < 0 ? text(entry.username) : decoded.slice(0, colon);
  const password = colon < 0 ? text(entry.password) : decoded.slice(colon + 1);
  return username === '' ? null : { kind: 'password', username, password };
}

const text = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');

/** `https://index.docker.io/v1/` is `index.docker.io`: the path of the protocol's version is no part of a name. */
function normalisedKey(key: string): string {
  const bare = key.replace(/^https?:\/\//, '').replace(/\/$/, '');
  return bare.replace(/\/v[12]$/, '').replace(/^([^/]+)\/v[12]\//, '$1/');
}

function matches(key: string, host: string, repository: string): boolean {
  const slash = key.indexOf('/');
  const wantedHost = slash < 0 ? key : key.slice(0, slash);
  const wantedPath = slash < 0 ? '' : key.slice(slash + 1);
  if (!repository.startsWith(wantedPath)) return false;
  const [pattern, patternPort] = splitPort(wantedHost);
  const [name, port] = splitPort(host);
  const parts = name.split('.');
  const wanted = pattern.split('.');
  return (
    port === patternPort &&
    parts.length === wanted.length &&
    parts.every((part, at) => globMatches(wanted[at] ?? '', part))
  );
}

function splitPort(host: string): readonly [name: string, port: string] {
  const colon = host.lastIndexOf(':');
  return colon < 0 || host.endsWith(']') ? [host, ''] : [host.slice(0, colon), host.slice(colon + 1)];
}

/** `*` is any text. Pieces are found from the left, each as early as can be: no pattern takes longer than its length times the text's. */
function globMatches(pattern: string, value: string): boolean {
  const pieces = pattern.split('*');
  const [first = ''] = pieces;
  const last = pieces.at(-1) ?? '';
  if (pieces.length === 1) return pattern === value;
  if (!value.startsWith(first) || !value.endsWith(last) || value.length < first.length + last.length)
    return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = value.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= value.length - last.length;
}
