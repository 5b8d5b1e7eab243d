/** What a registry asks for with a 401. */
export type Challenge =
  | { readonly scheme: 'basic' }
  | { readonly scheme: 'bearer'; readonly realm: string; readonly service: string; readonly scope: string };

const HEADER_CHARS_MAX = 4_096;

/** Reads WWW-Authenticate; Bearer is preferred where both are offered. null: nothing we know. Source: RFC 9110, 11.6.1. */
export function parseChallenge(header: string | undefined): Challenge | null {
  if (header === undefined || header.length > HEADER_CHARS_MAX) return null;
  const bearer = /(?:^|,)\s*bearer\s+/i.exec(header);
  if (bearer === null) return /(?:^|,)\s*basic\b/i.test(header) ? { scheme: 'basic' } : null;
  const parameters = parametersFrom(header.slice(bearer.index + bearer[0].length));
  const realm = parameters.get('realm');
  if (realm === undefined) return null;
  return {
    scheme: 'bearer',
    realm,
    service: parameters.get('service') ?? '',
    scope: parameters.get('scope') ?? '',
  };
}

/** `name="value"` and `name=value`, until something else comes. */
function parametersFrom(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const one = /\s*([A-Za-z_-]{1,40})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,|$)/y;
  for (let match = one.exec(text); match !== null; match = one.exec(text)) {
    const [, name = '', quoted, token] = match;
    if (!found.has(name.toLowerCase()))
      found.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? token ?? '');
  }
  return found;
}
