/** What a request is about. Source: apiserver request.RequestInfo; authorization, routing and messages go by it. */
export type ResourceRequest = {
  readonly type: 'resource';
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  /** '' for cluster-scoped objects, and for all namespaces. */
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  readonly path: string;
  /** Of a proxied request: the path as the pod is to see it, as it was sent. '' where it was not even a slash. */
  readonly proxiedPath?: string;
};
export type PathRequest = { readonly type: 'path'; readonly verb: string; readonly path: string };
export type RequestInfo = ResourceRequest | PathRequest;

/** Subresources of namespaces; anything else after a namespace's name is a resource in it. */
const NAMESPACE_SUBRESOURCES: ReadonlySet<string> = new Set(['status', 'finalize']);

/**
 * `/api/v1/namespaces/shop/pods/web/log` → GET of pods/log "web" in shop. Parts are percent-decoded; null when they cannot be, or
 * when one of them is no part of a path (`.`, `..`, with a slash).
 */
export function requestInfo(method: string, path: string, query: URLSearchParams): RequestInfo | null {
  const proxied = PROXIED.exec(path);
  if (proxied !== null) {
    const [, prefix = '', proxiedPath = ''] = proxied;
    // Nothing of the proxied path is read here: it is the pod's.
    const info = plainInfo(method, prefix, query);
    return info?.type === 'resource' ? { ...info, path, proxiedPath } : info;
  }
  return plainInfo(method, path, query);
}

const PROXIED = /^(\/api\/v1\/namespaces\/[^/]+\/(?:pods|services)\/[^/]+\/proxy)(\/.*)?$/;

function plainInfo(method: string, path: string, query: URLSearchParams): RequestInfo | null {
  const parts = decoded(path);
  if (parts === null) return null;
  const [prefix] = parts;
  const core = prefix === 'api';
  const rest = core ? parts.slice(2) : parts.slice(3);
  if ((!core && prefix !== 'apis') || rest.length === 0)
    return { type: 'path', verb: method.toLowerCase(), path };
  const place = placeOf(rest);
  if (place === null) return { type: 'path', verb: method.toLowerCase(), path };
  const group = core ? '' : (parts[1] ?? '');
  const version = (core ? parts[1] : parts[2]) ?? '';
  const verb = verbOf(method, place.name, query);
  const name = place.name === '' ? nameSelected(verb, query) : place.name;
  return { type: 'resource', verb, group, version, ...place, name, path };
}

const STREAMED: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward', 'proxy']);

/** Whether the answer is held open for long. */
export function isStream(info: RequestInfo, query: URLSearchParams): boolean {
  if (info.type === 'path') return false;
  if (info.subresource === 'log') return isTrue(query.get('follow'));
  return info.verb === 'watch' || STREAMED.has(info.subresource);
}

type Place = Pick<ResourceRequest, 'namespace' | 'resource' | 'subresource' | 'name'>;

/** null: longer than any path of a resource. */
function placeOf(parts: readonly string[]): Place | null {
  const [first = '', second = '', third = '', ...more] = parts;
  if (first === 'namespaces' && second !== '' && third !== '' && !NAMESPACE_SUBRESOURCES.has(third)) {
    const [name = '', subresource = '', ...rest] = more;
    return rest.length > 0 ? null : { namespace: second, resource: third, name, subresource };
  }
  if (more.length > 0) return null;
  const namespace = first === 'namespaces' ? second : '';
  return { namespace, resource: first, name: second, subresource: third };
}

function verbOf(method: string, name: string, query: URLSearchParams): string {
  switch (method) {
    case 'GET':
    case 'HEAD':
      // What has a name is read, never watched: whoever may read one object is not to hear of all.
      if (name !== '') return 'get';
      return isTrue(query.get('watch')) ? 'watch' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete';
    default:
      return method.toLowerCase();
  }
}

/** A list or watch of one object by name is judged as one of that object. */
function nameSelected(verb: string, query: URLSearchParams): string {
  if (verb !== 'list' && verb !== 'watch') return '';
  const match = /^metadata\.name==?([a-z0-9.:-]+)$/.exec(query.get('fieldSelector') ?? '');
  return match?.[1] ?? '';
}

/** Source: apimachinery's conversion of query parameters: `?watch` alone is true. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

function decoded(path: string): readonly string[] | null {
  try {
    const parts = path
      .split('/')
      .slice(1)
      .map((part) => (part.includes('%') ? decodeURIComponent(part) : part));
    while (parts.at(-1) === '') parts.pop();
    const sound = parts.every((part) => part !== '' && part !== '.' && part !== '..' && !/[/%\0]/.test(part));
    return sound ? parts : null;
  } catch {
    return null;
  }
}
