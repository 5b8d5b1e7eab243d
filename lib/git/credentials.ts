import type { Environment } from './git-environment.ts';
import type { Credentials, Location } from './location.ts';

/** Asked before every exchange with the remote, so that a renewed token is used at once. */
export type CredentialSource = () => Promise<Credentials | null>;

/** From PINTLE_GIT_USERNAME and PINTLE_GIT_PASSWORD; a password alone is a token (the name does not matter). */
export function credentialsFromEnvironment(environment: Environment): Credentials | null {
  const username = environment.PINTLE_GIT_USERNAME ?? '';
  const password = environment.PINTLE_GIT_PASSWORD ?? '';
  return username === '' && password === '' ? null : { username: username || 'git', password };
}

/** The URL's own come first, then the caller's, then the environment's. */
export function credentialSource(options: {
  readonly location: Location;
  readonly given: CredentialSource | undefined;
  readonly environment: Environment;
}): CredentialSource {
  const { location, given, environment } = options;
  const own = location.kind === 'remote' ? location.credentials : null;
  return async () => own ?? (await given?.()) ?? credentialsFromEnvironment(environment);
}

/** The value of an Authorization header (RFC 7617). */
export function basicAuthorization(credentials: Credentials | null): string | null {
  if (credentials === null) return null;
  return `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`, 'utf8').toString('base64')}`;
}

/** Removes every spelling of a secret that a server or a program could echo. */
export function redact(text: string, credentials: Credentials | null): string {
  const plain = text.replace(/(https?:\/\/)[^\s/@]{1,1000}@/gi, '$1');
  if (credentials === null || credentials.password === '') return plain;
  const { password } = credentials;
  const header = basicAuthorization(credentials)?.slice('Basic '.length) ?? '';
  return [password, encodeURIComponent(password), header]
    .filter((secret) => secret.length > 3)
    .reduce((shown, secret) => shown.replaceAll(secret, '[redacted]'), plain);
}
