/** Headers that speak of one connection. Source: RFC 9110, 7.6.1, and what is older. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Who asks is known here and nobody else's business: a pod that got a token could act with it. */
const OF_THE_USER: ReadonlySet<string> = new Set(['authorization']);

type Headers = readonly (readonly [name: string, value: string])[];

/** `[name, value, name, value, …]`, as Node has them, to pairs that may go on to the other side. */
export function passedHeaders(raw: readonly string[]): Headers {
  const pairs = raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? ''] as const] : []));
  const named = new Set(
    pairs
      .filter(([name]) => name.toLowerCase() === 'connection')
      .flatMap(([, value]) => value.split(','))
      .map((name) => name.trim().toLowerCase())
      // Whoever hid it would have the body taken for another message.
      .filter((name) => name !== 'content-length'),
  );
  return pairs.filter(([name]) => {
    const lower = name.toLowerCase();
    return (
      !OF_THE_CONNECTION.has(lower) &&
      !OF_THE_USER.has(lower) &&
      !lower.startsWith('impersonate-') &&
      !named.has(lower)
    );
  });
}

/**
 * Of an answer: where it leads elsewhere at the same place, it leads there through the proxy. Source: apimachinery proxy.Transport.
 * `prefix` is the path up to and with `/proxy`.
 */
export function answeredHeaders(
  raw: readonly string[],
  { host, prefix }: { readonly host: string; readonly prefix: string },
): Headers {
  return passedHeaders(raw).map(([name, value]) => {
    if (name.toLowerCase() !== 'location') return [name, value];
    const origin = [`http://${host}`, `https://${host}`].find((each) => value.startsWith(`${each}/`));
    const path = origin === undefined ? value : value.slice(origin.length);
    return [name, path.startsWith('/') && !path.startsWith('//') ? `${prefix}${path}` : value];
  });
}
