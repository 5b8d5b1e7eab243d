import { UserError } from '../../../base/errors.ts';

/** What the machine's owner says of registries. Nothing in a manifest can. */
export type RegistryOptions = {
  /** Asked before the registry itself, in their order. `url` is an origin: `http://127.0.0.1:5000`. */
  readonly mirrors: readonly { readonly registry: string; readonly url: string }[];
  /** Registries that are spoken to over plain http: `host:port`. */
  readonly insecure: readonly string[];
};

export const noRegistryOptions: RegistryOptions = { mirrors: [], insecure: [] };

/** Where a repository is asked for. */
export type RegistryEndpoint = {
  readonly origin: string;
  /** Whose logins it gets: a mirror has its own. */
  readonly registry: string;
};

/** Reads `--registry-mirror [REGISTRY=]URL` (docker.io unless named) and `--insecure-registry HOST[:PORT]`. UserError USAGE. */
export function parseRegistryOptions(flags: {
  readonly mirrors: readonly string[];
  readonly insecure: readonly string[];
}): RegistryOptions {
  return { mirrors: flags.mirrors.map(parseMirror), insecure: flags.insecure.map(parseHost) };
}

function parseMirror(flag: string): RegistryOptions['mirrors'][number] {
  const [, registry = 'docker.io', address = ''] = /^(?:([^=/]+)=)?(https?:\/\/.+)$/.exec(flag) ?? [];
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '')
    throw new UserError(
      'USAGE',
      `--registry-mirror takes [REGISTRY=]URL with no path, such as docker.io=https://mirror.example, not ${flag}`,
    );
  return { registry: parseHost(registry), url: url.origin };
}

function parseHost(flag: string): string {
  const url = URL.canParse(`http://${flag}`) ? new URL(`http://${flag}`) : null;
  if (url === null || url.pathname !== '/' || flag.includes('/') || url.username !== '' || url.search !== '')
    throw new UserError('USAGE', `a registry is HOST or HOST:PORT, not ${flag}`);
  return flag;
}

/** Where to ask for what is in `registry`: its mirrors, then itself. */
export function endpointsOf(
  registry: string,
  { mirrors, insecure }: RegistryOptions,
): readonly RegistryEndpoint[] {
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
  const scheme = insecure.includes(registry) ? 'http' : 'https';
  return [
    ...mirrors
      .filter((mirror) => mirror.registry === registry)
      .map(({ url }) => ({ origin: url, registry: new URL(url).host })),
    { origin: `${scheme}://${host}`, registry },
  ];
}

/** Whether a URL may be asked over plain http, because its host was named for it. */
export function allowsPlain(url: URL, { mirrors, insecure }: RegistryOptions): boolean {
  return (
    insecure.some((host) => new URL(`http://${host}`).host === url.host) ||
    mirrors.some((mirror) => mirror.url === url.origin)
  );
}
