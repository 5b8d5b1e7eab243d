import { ApiError } from '../../api/api-error.ts';

/** What the name in a proxied path says. `port`: a number or a name; '' where it says none. */
export type ProxiedName = {
  readonly scheme: 'http' | 'https';
  readonly name: string;
  readonly port: string;
};

/** `web`, `web:80`, `web:http`, `https:web:443`, `https:web:`. BadRequest. Source: apimachinery SplitSchemeNamePort. */
export function proxiedName(text: string): ProxiedName {
  const parts = text.split(':');
  const [scheme, name, port] = parts.length === 3 ? parts : ['http', ...parts];
  const known = scheme === 'https' ? 'https' : scheme === 'http' || scheme === '' ? 'http' : null;
  if (known === null || parts.length > 3 || !name) {
    throw new ApiError('BadRequest', `invalid request ${JSON.stringify(text)}: want [scheme:]name[:port]`);
  }
  return { scheme: known, name, port: port ?? '' };
}
