import type { Kind, Subresource } from '../schema.ts';
import type { ServedKind, ServedSubresource, Verb } from './served-resource.ts';

const READ_AND_WRITE: readonly Verb[] = ['get', 'patch', 'update'];
const STREAM: readonly Verb[] = ['create', 'get'];
const CREATE: readonly Verb[] = ['create'];
/** Any method of HTTP, passed on. */
const PROXIED: readonly Verb[] = ['create', 'delete', 'get', 'patch', 'update'];
const SCALE: ServedKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

const core = (kind: string): ServedKind => ({ group: '', version: 'v1', kind });

/** Subresources of one resource alone, beside status and scale. */
const OF_ITS_OWN: Readonly<Record<string, readonly ServedSubresource[]>> = {
  '/pods': [
    { name: 'attach', kind: core('PodAttachOptions'), verbs: STREAM },
    { name: 'binding', kind: core('Binding'), verbs: CREATE },
    { name: 'eviction', kind: { group: 'policy', version: 'v1', kind: 'Eviction' }, verbs: CREATE },
    { name: 'exec', kind: core('PodExecOptions'), verbs: STREAM },
    { name: 'log', kind: core('Pod'), verbs: ['get'] },
    { name: 'portforward', kind: core('PodPortForwardOptions'), verbs: STREAM },
    { name: 'proxy', kind: core('PodProxyOptions'), verbs: PROXIED },
  ],
  '/services': [{ name: 'proxy', kind: core('ServiceProxyOptions'), verbs: PROXIED }],
  '/namespaces': [{ name: 'finalize', kind: core('Namespace'), verbs: ['update'] }],
  '/serviceaccounts': [
    {
      name: 'token',
      kind: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
      verbs: CREATE,
    },
  ],
  'certificates.k8s.io/certificatesigningrequests': [
    {
      name: 'approval',
      kind: { group: 'certificates.k8s.io', version: 'v1', kind: 'CertificateSigningRequest' },
      verbs: READ_AND_WRITE,
    },
  ],
};

/** The subresources of a kind in one of its versions, by name. */
export function subresourcesOf(kind: Kind, version: string): readonly ServedSubresource[] {
  const self: ServedKind = { group: kind.group, version, kind: kind.kind };
  const usual = usualSubresources(kind, version).map((name) => ({
    name,
    kind: name === 'scale' ? SCALE : self,
    verbs: READ_AND_WRITE,
  }));
  const own = OF_ITS_OWN[`${kind.group}/${kind.plural}`] ?? [];
  return [...usual, ...own].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Versions of a custom resource differ in what they have. */
function usualSubresources(kind: Kind, version: string): readonly Subresource[] {
  const custom = kind.custom?.versions.get(version);
  if (custom === undefined) return kind.subresources;
  return [
    ...(custom.status ? ['status' as const] : []),
    ...(custom.scale === null ? [] : ['scale' as const]),
  ];
}
