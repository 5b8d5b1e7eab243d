import type { JsonObject } from '../base/json.ts';

type Rule = {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
};
type Role = {
  readonly name: string;
  /** The role that takes these rules up. */
  readonly aggregateTo?: string;
  /** Taken up from every role with that label. */
  readonly aggregated?: boolean;
  readonly rules: readonly Rule[];
};
type Group = readonly [name: string, resources: readonly string[]];

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const ALL = [...WRITE, ...READ];
const rulesOf = (verbs: readonly string[], groups: readonly Group[]): readonly Rule[] =>
  groups.map(([group, resources]) => ({ verbs, apiGroups: [group], resources }));
const scaled = (...names: readonly string[]): readonly string[] =>
  names.flatMap((name) => [name, `${name}/scale`]);
const withStatus = (names: readonly string[]): readonly string[] =>
  names.flatMap((name) => [name, `${name}/status`]);

/** What people who look after applications make. Source: the user-facing roles of Kubernetes. */
const coreWritten = [
  'configmaps',
  'events',
  'persistentvolumeclaims',
  'pods',
  ...scaled('replicationcontrollers'),
  'services',
];
const written: readonly Group[] = [
  [
    'apps',
    [
      'daemonsets',
      ...scaled('deployments'),
      'deployments/rollback',
      ...scaled('replicasets', 'statefulsets'),
    ],
  ],
  ['autoscaling', ['horizontalpodautoscalers']],
  ['batch', ['cronjobs', 'jobs']],
  ['networking.k8s.io', ['ingresses', 'networkpolicies']],
  ['policy', ['poddisruptionbudgets']],
];
const viewed: readonly Group[] = [
  [
    '',
    [
      ...withStatus(['persistentvolumeclaims', 'pods', 'replicationcontrollers', 'services']),
      ...['configmaps', 'endpoints', 'events', 'serviceaccounts', 'replicationcontrollers/scale'],
      ...['bindings', 'limitranges', 'namespaces', 'namespaces/status', 'pods/log'],
      ...['resourcequotas', 'resourcequotas/status'],
    ],
  ],
  ['discovery.k8s.io', ['endpointslices']],
  [
    'apps',
    [
      'controllerrevisions',
      ...withStatus(['daemonsets', 'deployments', 'replicasets', 'statefulsets']),
      'deployments/scale',
      'replicasets/scale',
      'statefulsets/scale',
    ],
  ],
  ['autoscaling', withStatus(['horizontalpodautoscalers'])],
  ['batch', withStatus(['cronjobs', 'jobs'])],
  ['networking.k8s.io', [...withStatus(['ingresses']), 'networkpolicies']],
  ['policy', withStatus(['poddisruptionbudgets'])],
  ['metrics.k8s.io', ['pods', 'nodes']],
  ['custom.metrics.k8s.io', ['*']],
];

const defaultRoles: readonly Role[] = [
  {
    name: 'cluster-admin',
    rules: [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ],
  },
  { name: 'admin', aggregated: true, aggregateTo: '', rules: [] },
  { name: 'edit', aggregated: true, aggregateTo: 'admin', rules: [] },
  { name: 'view', aggregated: true, aggregateTo: 'edit', rules: [] },
  {
    name: 'system:aggregate-to-admin',
    aggregateTo: 'admin',
    rules: [
      ...rulesOf(['create'], [['authorization.k8s.io', ['localsubjectaccessreviews']]]),
      ...rulesOf(ALL, [['rbac.authorization.k8s.io', ['rolebindings', 'roles']]]),
    ],
  },
  {
    name: 'system:aggregate-to-edit',
    aggregateTo: 'edit',
    rules: [
      ...rulesOf(READ, [
        ['', ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'secrets', 'services/proxy']],
      ]),
      ...rulesOf(['impersonate'], [['', ['serviceaccounts']]]),
      ...rulesOf(WRITE, [
        [
          '',
          [
            ...coreWritten,
            'pods/attach',
            'pods/exec',
            'pods/portforward',
            'pods/proxy',
            'secrets',
            'serviceaccounts',
            'services/proxy',
          ],
        ],
        ...written,
      ]),
      ...rulesOf(['create'], [['', ['pods/eviction', 'serviceaccounts/token']]]),
      ...rulesOf(ALL, [['coordination.k8s.io', ['leases']]]),
    ],
  },
  { name: 'system:aggregate-to-view', aggregateTo: 'view', rules: rulesOf(READ, viewed) },
  {
    name: 'system:basic-user',
    rules: [
      ...rulesOf(
        ['create'],
        [
          ['authorization.k8s.io', ['selfsubjectaccessreviews', 'selfsubjectrulesreviews']],
          ['authentication.k8s.io', ['selfsubjectreviews']],
        ],
      ),
    ],
  },
  {
    name: 'system:discovery',
    rules: [
      {
        verbs: ['get'],
        nonResourceURLs: [
          '/api',
          '/api/*',
          '/apis',
          '/apis/*',
          '/healthz',
          '/livez',
          '/openapi',
          '/openapi/*',
          '/readyz',
          '/version',
          '/version/',
        ],
      },
    ],
  },
  {
    name: 'system:public-info-viewer',
    rules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'] }],
  },
];

const defaultBindings: readonly { readonly role: string; readonly groups: readonly string[] }[] = [
  { role: 'cluster-admin', groups: ['system:masters'] },
  { role: 'system:basic-user', groups: ['system:authenticated'] },
  { role: 'system:discovery', groups: ['system:authenticated'] },
  { role: 'system:public-info-viewer', groups: ['system:authenticated', 'system:unauthenticated'] },
];

const GROUP = 'rbac.authorization.k8s.io';
const common = {
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
};

/** Every rule of a role that gathers others, as its `rules` print. */
function printedRules(role: Role): readonly Rule[] {
  if (role.aggregated !== true) return role.rules;
  return defaultRoles.filter(({ aggregateTo }) => aggregateTo === role.name).flatMap(printedRules);
}

/** The ClusterRoles and ClusterRoleBindings every cluster has, as manifests. */
export const defaultAccess: readonly (JsonObject & {
  readonly kind: string;
  readonly metadata: { readonly name: string };
})[] = [
  ...defaultRoles.map((role) => ({
    apiVersion: `${GROUP}/v1`,
    kind: 'ClusterRole',
    metadata: {
      ...common,
      name: role.name,
      labels: {
        ...common.labels,
        ...(role.aggregateTo && { [`${GROUP}/aggregate-to-${role.aggregateTo}`]: 'true' }),
      },
    },
    ...(role.aggregated && {
      aggregationRule: {
        clusterRoleSelectors: [{ matchLabels: { [`${GROUP}/aggregate-to-${role.name}`]: 'true' } }],
      },
    }),
    rules: printedRules(role),
  })),
  ...defaultBindings.map(({ role, groups }) => ({
    apiVersion: `${GROUP}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { ...common, name: role },
    roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: role },
    subjects: groups.map((name) => ({ apiGroup: GROUP, kind: 'Group', name })),
  })),
];
