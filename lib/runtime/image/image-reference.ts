import { isDigest } from './manifest/digest.ts';

/** An image's name, taken apart. `docker.io/library/nginx:1.27@sha256:…` has all of it. */
export type ImageReference = {
  /** Host, with its port where one is named: `docker.io`, `127.0.0.1:5000`, `[::1]:5000`. */
  readonly registry: string;
  /** `library/nginx`. */
  readonly repository: string;
  readonly tag: string | null;
  readonly digest: string | null;
};

export type ParsedReference =
  | { readonly ok: true; readonly reference: ImageReference }
  /** `problem`: what is wrong with it, in the words of a pod's status. */
  | { readonly ok: false; readonly problem: string };

const NAME_CHARS_MAX = 255;
const HOST =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;
const COMPONENT = /^[a-z0-9]+(?:(?:\.|__|_|-+)[a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/**
 * Reads the name of an image as Docker and Kubernetes do: no registry means docker.io, one component there `library/`, and no tag and no
 * digest the tag `latest`. Source: the reference grammar of the distribution specification.
 */
export function parseImageReference(image: string): ParsedReference {
  const invalid = (why = ''): ParsedReference => ({
    ok: false,
    problem: `couldn't parse image name ${JSON.stringify(image.slice(0, NAME_CHARS_MAX))}: invalid reference format${why}`,
  });
  if (image.length > 4 * NAME_CHARS_MAX) return invalid(': too long');
  const at = image.indexOf('@');
  const digest = at < 0 ? null : image.slice(at + 1);
  if (digest !== null && !isDigest(digest)) return invalid(': not a sha256 or sha512 digest');
  const named = at < 0 ? image : image.slice(0, at);
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const tag = hasTag ? named.slice(colon + 1) : null;
  if (tag !== null && !TAG.test(tag)) return invalid();
  const { registry, repository } = splitName(hasTag ? named.slice(0, colon) : named);
  if (!HOST.test(registry) || !portIsValid(registry)) return invalid();
  if (`${registry}/${repository}`.length > NAME_CHARS_MAX) return invalid(': too long');
  if (/^[a-f0-9]{64}$/.test(named)) return invalid(': that is an id, not a name');
  if (!repository.split('/').every((component) => COMPONENT.test(component)))
    return invalid(/[A-Z]/.test(repository) ? ': repository name must be lowercase' : '');
  return {
    ok: true,
    reference: { registry, repository, tag: tag === null && digest === null ? 'latest' : tag, digest },
  };
}

function splitName(name: string): { readonly registry: string; readonly repository: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isHost = first !== '' && (/[.:A-Z]/.test(first) || first === 'localhost');
  const registry = isHost && first !== 'index.docker.io' ? first : 'docker.io';
  const rest = isHost ? name.slice(slash + 1) : name;
  return { registry, repository: registry === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest };
}

function portIsValid(registry: string): boolean {
  const port = /:(\d+)$/.exec(registry)?.[1];
  return port === undefined || (Number(port) > 0 && Number(port) < 65_536);
}

/** The name in full, as stores keep it. */
export function formatImageReference({ registry, repository, tag, digest }: ImageReference): string {
  return `${registry}/${repository}${tag === null ? '' : `:${tag}`}${digest === null ? '' : `@${digest}`}`;
}

/** The name in full of what `image` says; null when it is no name. */
export function fullImageName(image: string): string | null {
  const parsed = parseImageReference(image);
  return parsed.ok ? formatImageReference(parsed.reference) : null;
}
