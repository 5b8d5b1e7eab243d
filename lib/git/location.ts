import { resolve } from 'node:path';
import { UserError } from '../base/errors.ts';

export type Credentials = { readonly username: string; readonly password: string };

export type Location =
  | { readonly kind: 'local'; readonly path: string; readonly shown: string }
  | {
      readonly kind: 'remote';
      /** Without user information. */
      readonly url: string;
      readonly shown: string;
      /** From the URL itself. */
      readonly credentials: Credentials | null;
    };

/**
 * What `--repo` names: a path, or an http(s) URL. Every other transport is refused, also git's `helper::…`
 * (which runs programs) and `host:path` (ssh).
 *
 * @throws {UserError} UNSUPPORTED_TRANSPORT, INVALID_LOCATION
 */
export function parseLocation(text: string): Location {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses.
  if (text === '' || /[\x00-\x1f]/.test(text)) {
    throw new UserError('INVALID_LOCATION', 'the repository must be a path or an http(s) URL');
  }
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1]?.toLowerCase();
  if (scheme === 'http' || scheme === 'https') return parseUrl(text);
  if (scheme !== undefined) throw unsupported(`${scheme}://`);
  const helper = /^([A-Za-z0-9-]+)::/.exec(text)?.[1];
  if (helper !== undefined) throw unsupported(`${helper}::`);
  // As git has it: a colon before the first slash is a host name.
  if (/^[^/.][^/]*:/.test(text)) throw unsupported('ssh');
  const path = resolve(text);
  return { kind: 'local', path, shown: path };
}

function parseUrl(text: string): Location {
  if (!URL.canParse(text))
    throw new UserError('INVALID_LOCATION', 'the URL of the repository does not parse');
  const url = new URL(text);
  const username = decode(url.username);
  const password = decode(url.password);
  url.username = '';
  url.password = '';
  url.hash = '';
  if (url.search !== '') {
    throw new UserError('INVALID_LOCATION', 'the URL of a repository has no query', {});
  }
  const plain = url.href.replace(/\/+$/, '');
  const credentials = username === '' && password === '' ? null : { username, password };
  return { kind: 'remote', url: plain, shown: plain, credentials };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (thrown) {
    if (thrown instanceof URIError) return text;
    throw thrown;
  }
}

function unsupported(transport: string): UserError {
  return new UserError(
    'UNSUPPORTED_TRANSPORT',
    `repositories are read from a path or over http(s), not over ${transport}`,
    { transport },
  );
}
